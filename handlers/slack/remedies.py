"""What the PMO can do about a message that Slack did not take."""

from collections.abc import Mapping

from handlers.slack.errors import BY_METHOD, COMMON
from reporting.ports import AppFault, TargetGone
from reporting.texts import Texts


def remedy(t: Texts, error: str) -> str:
    """One or two sentences for a failed delivery's `error`, which begins with Slack's code."""
    code, _, detail = error.partition(": ")
    known = _table(t, detail or code)
    if code in known:
        return known[code]
    if code.startswith("restricted_action"):
        return t("The channel does not allow the bot to post. Change its posting rules, or name another channel.")
    if _class_of(code) is TargetGone:
        return t("Slack does not deliver there ({code}). Choose another person or channel.", code=code)
    return t("Slack refused it ({error}). Tell the operator; the log has more.", error=error)


def when_ended(t: Texts, code: str) -> str:
    """What to do when Slack has ended the installation with this code."""
    match code:
        case "account_inactive" | "token_revoked" | "app_uninstalled":
            return t(
                "The app was removed from the workspace, or its token revoked. An administrator installs it again; "
                "then set the new token (SLACK_BOT_TOKEN) and start Rollcall again."
            )
        case "token_expired":
            return t("The token has expired. Set a new one (SLACK_BOT_TOKEN), then start Rollcall again.")
        case _:
            return t(
                "Slack does not know the token, or takes no calls from this machine's address. Look at "
                "SLACK_BOT_TOKEN, SLACK_APP_TOKEN and the app's allowed addresses, then start Rollcall again."
            )


def _table(t: Texts, need: str) -> Mapping[str, str]:
    outside = t(
        "The channel does not exist, or the bot is not in it: type /invite @rollcall there, or correct app.yaml."
    )
    gone = t("The account is gone or switched off. Give their projects a new lead: /rag project edit.")
    scope = t("The app lacks a permission ({need}). Install it again with all scopes of its manifest.", need=need)
    return {
        "channel_not_found": outside,
        "not_in_channel": outside,
        "is_archived": t("The channel is archived. Restore it, or name another one in app.yaml."),
        "user_disabled": gone,
        "user_not_found": gone,
        "user_not_visible": gone,
        "messages_tab_disabled": t("Messages to the app are switched off. An administrator can switch them on."),
        "missing_scope": scope,
        "no_permission": scope,
        "not_allowed_token_type": scope,
    }


def _class_of(code: str) -> object:
    return next((table[code] for table in (COMMON, *BY_METHOD.values()) if code in table), AppFault)
