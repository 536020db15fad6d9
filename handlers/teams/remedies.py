"""What the PMO can do about a message that Teams did not take."""

from collections.abc import Mapping
from typing import Final

from reporting.services.outbox import UNCERTAIN
from reporting.texts import Texts

# How the error of a failed delivery begins when a channel cannot be posted to: codes of Teams, and what the address
# book says of one that is known to be gone.
CHANNEL_GONE: Final = (
    "ConversationNotFound",
    "BotNotInConversationRoster",
    "TeamNotFound",
    "the app was removed",
    "the channel was",
    "the team was",
    "http_403",
    "http_404",
)

# How the error of a failed delivery begins when a person could not be written to, and may be some day.
PERSON_LOST: Final = (
    "not_installed",
    "MessageWritesBlocked",
    "ConversationBlockedByUser",
    "blocked",
    "BotNotInConversationRoster",
    "ConversationNotFound",
    "the app was removed",
    "http_403",
    "http_404",
)


def remedy(t: Texts, error: str) -> str:
    """One or two sentences for a failed delivery's `error`, which begins with a code."""
    code, _, detail = error.partition(": ")
    known = _table(t)
    if code in known:
        return known[code]
    if code == UNCERTAIN:
        return t(
            "It may have arrived: Teams gave no answer ({reason}), and cannot be asked what was sent. "
            "Look there, and send it again if it is missing.",
            reason=detail,
        )
    if code == "the team was deleted":
        return t("The team was deleted. Restore it, or name a channel of another team in app.yaml.")
    if code.startswith("the team was"):
        return t("The team is archived. Restore it, or name a channel of another team in app.yaml.")
    if code.startswith("the channel was"):
        return t("The channel was deleted. Restore it in the team's settings, or name another one in app.yaml.")
    return t("Teams refused it ({error}). Tell the operator; the log has more.", error=error)


def when_ended(t: Texts, code: str) -> str:
    """What to do when Microsoft has ended the installation with this code."""
    match code:
        case "invalid_client":
            return t(
                "Microsoft's login does not take the app's secret or certificate: it has ended, or was removed. "
                "Set a new one, then start Rollcall again."
            )
        case "unauthorized_client" | "invalid_grant":
            return t(
                "Microsoft's login does not let the app in: it was disabled or deleted. "
                "An administrator allows it again; then start Rollcall again."
            )
        case _:
            return t(
                "Microsoft does not take the bot's calls any more. See in Azure whether the bot and its channel "
                "Microsoft Teams are still there, then start Rollcall again."
            )


def _table(t: Texts) -> Mapping[str, str]:
    missing = t(
        "They do not have the app. Ask them to add Rollcall in Teams; an administrator can do it for everybody "
        "by a setup policy."
    )
    blocked = t("They have blocked or muted the app. Only they can allow it again: ask them, or name another lead.")
    removed = t("The app was removed there. Add it to the team again, or ask the person to add it.")
    lost = t(
        "Teams no longer knows this conversation: the channel was deleted, or the app removed. "
        "Add the app there again, or name another channel or lead."
    )
    disabled = t("An administrator has blocked the app. They can allow it in the Teams admin center.")
    return {
        "not_installed": missing,
        "MessageWritesBlocked": blocked,
        "ConversationBlockedByUser": blocked,
        "blocked": blocked,
        "the app was removed": removed,
        "BotNotInConversationRoster": removed,
        "ConversationNotFound": lost,
        "TeamNotFound": lost,
        "http_404": lost,
        "http_403": t("Teams does not let the app post there. Add it to the team, or name another channel or lead."),
        "MemberNotFoundInConversation": t(
            "The account is gone or switched off. Give their projects a new lead: /rag project edit."
        ),
        "BotDisabledByAdmin": disabled,
        "BotBlocked": disabled,
        "app_not_in_catalog": t(
            "The app is not in your organisation's catalog. An administrator uploads the package of "
            "`rollcall manifest teams` there."
        ),
    }
