"""What each of Slack's refusals means, in one table.

Slack answers HTTP 200 with `ok: false` and a code for nearly all of them. Unknown codes appear without notice and are
treated as a fault of ours: never sent again unchanged, and told to the PMO.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError

from reporting.ports.errors import (
    AppFault,
    DeliveryError,
    InstallationPaused,
    InstallationStopped,
    RetryLater,
    TargetGone,
    Uncertain,
)

# Seconds to wait where Slack does not say.
RATE_LIMIT_WAIT: Final = 30.0
UNREACHED_WAIT: Final = 10.0
REFUSED_WAIT: Final = 60.0
REPEAT_WAIT: Final = 2.0

Make = Callable[[str, str], DeliveryError]


def _later(seconds: float) -> Make:
    return lambda code, detail: RetryLater(code, seconds, detail)


# Slack docs: common errors of every method, and rate limits.
COMMON: Final[Mapping[str, Make]] = {
    # Wait, then the same call.
    "ratelimited": _later(RATE_LIMIT_WAIT),
    "rate_limited": _later(RATE_LIMIT_WAIT),
    # Slack got a cut-off body and did nothing.
    "request_timeout": _later(REPEAT_WAIT),
    # Documented as possibly partly done.
    "internal_error": Uncertain,
    "fatal_error": Uncertain,
    "service_unavailable": Uncertain,
    # The token is dead. `invalid_auth` also comes when our address is not on the allow-list.
    "account_inactive": InstallationStopped,
    "token_revoked": InstallationStopped,
    "not_authed": InstallationStopped,
    "invalid_auth": InstallationStopped,
    # A fixed bot token is never rotated by us, so an expired one stays so.
    "token_expired": InstallationStopped,
    # The workspace refuses for now.
    "org_login_required": InstallationPaused,
    "team_added_to_org": InstallationPaused,
    "team_access_not_granted": InstallationPaused,
    "ekm_access_denied": InstallationPaused,
    "accesslimited": InstallationPaused,
    "access_denied": InstallationPaused,
    "enterprise_is_restricted": InstallationPaused,
    "two_factor_setup_required": InstallationPaused,
    # Our message or set-up.
    "missing_scope": AppFault,
    "not_allowed_token_type": AppFault,
    "no_permission": AppFault,
    "method_deprecated": AppFault,
    "invalid_blocks": AppFault,
    "invalid_blocks_format": AppFault,
    "invalid_arguments": AppFault,
    "invalid_arg_name": AppFault,
    "invalid_metadata_format": AppFault,
    "invalid_metadata_schema": AppFault,
    "metadata_too_large": AppFault,
    "metadata_must_be_sent_from_app": AppFault,
    "msg_blocks_too_long": AppFault,
    "msg_too_long": AppFault,
    "no_text": AppFault,
    "markdown_text_conflict": AppFault,
    "too_many_attachments": AppFault,
    "view_too_large": AppFault,
    # This person or channel.
    "channel_not_found": TargetGone,
    "is_archived": TargetGone,
    "not_in_channel": TargetGone,
    "user_not_found": TargetGone,
    "user_not_visible": TargetGone,
    "user_disabled": TargetGone,
}

_POST: Final[Mapping[str, Make]] = {
    "restricted_action": TargetGone,
    "restricted_action_read_only_channel": TargetGone,
    "restricted_action_thread_only_channel": TargetGone,
    "restricted_action_non_threadable_channel": TargetGone,
    "restricted_action_thread_locked": TargetGone,
    "messages_tab_disabled": TargetGone,
    "cannot_reply_to_message": TargetGone,
    # The workspace's own limit (free plan).
    "message_limit_exceeded": InstallationPaused,
    # A channel name together with an organisation's token.
    "team_not_found": AppFault,
}

# Slack docs: the pages of the methods; only what differs from COMMON or is not in it.
BY_METHOD: Final[Mapping[str, Mapping[str, Make]]] = {
    "chat.postMessage": _POST,
    "chat.postEphemeral": {**_POST, "user_not_in_channel": TargetGone},
    "conversations.open": {
        "invalid_user_combination": TargetGone,
        "method_not_supported_for_channel_type": TargetGone,
        "not_enough_users": TargetGone,
        "users_list_not_supplied": TargetGone,
        "too_many_users": TargetGone,
        "cannot_dm_bot": TargetGone,
    },
    "chat.update": {
        "message_not_found": TargetGone,
        "cant_update_message": TargetGone,
        "edit_window_closed": TargetGone,
        "is_inactive": TargetGone,
    },
    "chat.delete": {"message_not_found": TargetGone, "cant_delete_message": TargetGone},
    "conversations.replies": {"thread_not_found": TargetGone},
    "users.lookupByEmail": {"users_not_found": TargetGone},
    # A trigger that was too late cannot be saved: the person presses again.
    "views.open": {
        "expired_trigger_id": AppFault,
        "exchanged_trigger_id": AppFault,
        "invalid_trigger_id": AppFault,
        "duplicate_external_id": AppFault,
        "push_limit_reached": AppFault,
    },
    "views.push": {
        "expired_trigger_id": AppFault,
        "exchanged_trigger_id": AppFault,
        "invalid_trigger_id": AppFault,
        "duplicate_external_id": AppFault,
        "push_limit_reached": AppFault,
    },
    "views.update": {"not_found": TargetGone, "hash_conflict": AppFault},
    "views.publish": {"not_enabled": TargetGone, "hash_conflict": AppFault},
}

# Doing these twice does no harm, so an unknown outcome is simply tried again.
_ONCE_ONLY: Final = frozenset({"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"})
# Calls that fail like this never reached Slack.
_UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
TOO_LATE: Final = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
BLOCK_FAULTS: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
# Views answer `invalid_arguments` for blocks that they do not take.
VIEW_FAULTS: Final = frozenset({"invalid_arguments", "invalid_blocks", "invalid_blocks_format"})


def typed(error: Exception, method: str) -> DeliveryError:
    """The typed error for whatever a call of `method` raised."""
    if isinstance(error, SlackApiError):
        return _answered(error, method)
    if isinstance(error, _UNREACHED):
        return RetryLater("unreached", UNREACHED_WAIT, type(error).__name__)
    if isinstance(error, SlackRequestError):
        return AppFault("bad_request", type(error).__name__)
    if isinstance(error, asyncio.TimeoutError | aiohttp.ClientError | OSError | json.JSONDecodeError | UnicodeError):
        return settled(Uncertain("no_answer", type(error).__name__), method)
    return AppFault("unexpected", type(error).__name__)


def by_code(code: str, method: str, detail: str = "") -> DeliveryError:
    """The typed error for one of Slack's codes."""
    make = BY_METHOD.get(method, {}).get(code) or COMMON.get(code)
    if make is None and method.startswith("chat.") and code.startswith("slack_connect_"):
        # Slack docs: chat.postMessage, `slack_connect_file_link_sharing_blocked` and its kin.
        make = TargetGone
    return settled((make or AppFault)(code, detail), method)


def settled(error: DeliveryError, method: str) -> DeliveryError:
    """An uncertain outcome becomes "try again" where trying again does no harm."""
    if isinstance(error, Uncertain) and method not in _ONCE_ONLY:
        return RetryLater(error.code, REPEAT_WAIT, error.detail, all_wait=False)
    return error


def by_status(status: int, retry_after: str | None, method: str) -> DeliveryError:
    """The typed error for an answer without a code, such as a web page."""
    if status == 429:
        return RetryLater("ratelimited", _seconds(retry_after))
    if 400 <= status < 500:
        # A page from something between Slack and us (a proxy, a firewall): nothing was sent.
        return RetryLater(f"http_{status}", REFUSED_WAIT)
    return settled(Uncertain(f"http_{status}"), method)


def _answered(error: SlackApiError, method: str) -> DeliveryError:
    response: Any = error.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    retry_after = headers.get("Retry-After") or headers.get("retry-after")
    body = getattr(response, "data", None)
    code = body.get("error") if isinstance(body, dict) else None
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return RetryLater(str(code or "ratelimited"), _seconds(retry_after))
    if not code:
        return by_status(status, retry_after, method)
    assert isinstance(body, dict)
    found = by_code(str(code), method, detail_in(body))
    # A code that nobody knows under a server error says no more than the status does.
    known = code in COMMON or code in BY_METHOD.get(method, {})
    return by_status(status, retry_after, method) if status >= 500 and not known else found


def detail_in(body: Mapping[str, Any]) -> str:
    """What Slack adds to a refusal: faults of blocks with their JSON pointers, the scope that is missing."""
    messages = (body.get("response_metadata") or {}).get("messages") or []
    parts = [str(message) for message in messages][:5]
    if body.get("needed"):
        parts.append(f"needs the scope {body['needed']}")
    return "; ".join(parts)


def _seconds(retry_after: str | None) -> float:
    try:
        return max(1.0, float(retry_after)) if retry_after else RATE_LIMIT_WAIT
    except ValueError:
        return RATE_LIMIT_WAIT
