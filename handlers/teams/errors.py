"""What each refusal of the Bot Connector, of Graph and of the login means, in one table.

Teams says it by the HTTP status; the code in the body, and at times a `subCode`, make it more exact. Codes appear
without notice, so a status without a known code has a meaning of its own.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from reporting.ports.errors import (
    AppFault,
    DeliveryError,
    InstallationPaused,
    InstallationStopped,
    RetryLater,
    TargetGone,
    Uncertain,
)

# Seconds to wait where Teams does not say; doubled with each refusal in a row.
BUSY_WAIT: Final = 2.0
MOST_WAIT: Final = 300.0
UNREACHED_WAIT: Final = 10.0
REFUSED_WAIT: Final = 60.0

Make = Callable[[str, str], DeliveryError]

# By code or subCode. Teams docs: status codes of bot conversations; proactive messages.
BY_CODE: Final[Mapping[str, Make]] = {
    # The person has removed, muted or blocked the app.
    "MessageWritesBlocked": TargetGone,
    "ConversationBlockedByUser": TargetGone,
    "BotNotInConversationRoster": TargetGone,
    "ConversationNotFound": TargetGone,
    "ActivityNotFoundInConversation": TargetGone,
    "MemberNotFoundInConversation": TargetGone,
    "TeamNotFound": TargetGone,
    # An administrator's doing, which they may take back.
    "BotDisabledByAdmin": InstallationPaused,
    "BotBlocked": InstallationPaused,
    # Our set-up.
    "InvalidBotApiHost": AppFault,
    "MessageSizeTooBig": AppFault,
    "BadSyntax": AppFault,
    "BadArgument": AppFault,
}
# Teams docs: rate limits of bots; never repeat 400, 403, 404, 413.
BY_STATUS: Final[Mapping[int, Make]] = {
    400: AppFault,
    401: InstallationStopped,
    403: TargetGone,
    404: TargetGone,
    413: AppFault,
    # Such as deleting, in the Agents Playground.
    501: AppFault,
}
# The same page: repeat with growing waits. Nothing was done; nor was it where only a part of the call arrived (408).
AGAIN: Final = frozenset({408, 412, 429, 502, 503, 504})
# Statuses that say where a message cannot go, whatever the code beside them.
_PLAIN: Final = frozenset({403, 404})

# Only what differs for some calls.
BY_METHOD: Final[Mapping[str, Mapping[int, Make]]] = {
    # Nobody has this id here, or the bot may not write to them.
    "create": {400: TargetGone},
    # Graph refuses for want of a permission; that is no reason to stop sending.
    "graph": {401: AppFault, 403: AppFault},
    "upload": {401: AppFault, 403: AppFault, 404: AppFault, 409: AppFault, 410: AppFault},
}
# Doing these twice does harm; every other call with an unknown outcome is simply made again.
_ONCE_ONLY: Final = frozenset({"send"})
# Calls that fail like this never reached Teams.
_UNREACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_OURS: Final = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_SUB_CODE: Final = re.compile(r"\"?subCode\\?\"?\s*[:=]\s*\\?\"?([A-Za-z]\w{0,80})")
# A code is a word; anything else is text of somebody's, and must not get into the log.
_CODE: Final = re.compile(r"[A-Za-z][\w.\-]{0,80}")
# A card that was refused, rather than the conversation: plainer ones may be taken.
CARD_FAULTS: Final = frozenset({"BadSyntax", "BadArgument", "MessageSizeTooBig", "http_400", "http_413"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success.

    Attributes:
        code: the more exact of what the body says; `http_403` when it says nothing.
        detail: the code behind it, never Teams' text, which may hold what somebody wrote.
        typed: whether the body is one of Teams' at all, and no web page from something in between.
    """

    status: int
    code: str
    detail: str = ""
    retry_after: float | None = None
    typed: bool = True


def typed(error: Exception, method: str) -> DeliveryError:
    """The typed error for a call of `method` that got no answer."""
    name = type(error).__name__
    if isinstance(error, _UNREACHED):
        return RetryLater("unreached", UNREACHED_WAIT, name)
    if isinstance(error, _OURS):
        return AppFault("bad_request", name)
    return settled(Uncertain("no_answer", name), method)


def settled(error: DeliveryError, method: str) -> DeliveryError:
    """An uncertain outcome becomes "try again" where trying again does no harm."""
    if isinstance(error, Uncertain) and method not in _ONCE_ONLY:
        return RetryLater(error.code, BUSY_WAIT, error.detail, all_wait=False)
    return error


def by_refusal(refusal: Refusal, method: str, waited: int = 0) -> DeliveryError:
    """The typed error for an answer.

    Args:
        waited: how often in a row it was said before that we should wait.
    """
    status, code = refusal.status, refusal.code
    if status in AGAIN:
        growing = min(MOST_WAIT, BUSY_WAIT * 2.0**waited)
        seconds = growing if refusal.retry_after is None else refusal.retry_after
        # Nothing in an answer says whose limit it is; one app has one for the whole tenant. Graph counts by itself.
        return RetryLater(code, seconds, refusal.detail, all_wait=status == 429 and method != "graph")
    if status >= 500 and status not in BY_STATUS:
        return settled(Uncertain(code, refusal.detail), method)
    if not refusal.typed and status not in {400, 401, 413, 501}:
        # A page from something between Teams and us (a proxy, a firewall): nobody is gone for that, nothing was sent.
        return RetryLater(code, REFUSED_WAIT, refusal.detail)
    known = BY_METHOD.get(method, {}).get(status) or BY_CODE.get(code)
    if known is None and status in _PLAIN:
        # A code that nobody has heard of says less than the status, by which the PMO is advised.
        return BY_STATUS[status](f"http_{status}", code)
    return (known or BY_STATUS.get(status) or AppFault)(code, refusal.detail)


def refusal_in(answer: httpx.Response) -> Refusal:
    """What an answer says."""
    text = answer.text
    body = _json(text)
    error = body.get("error") if isinstance(body.get("error"), dict) else body
    assert isinstance(error, dict)
    told = str(error.get("code") or "")
    code = told if _CODE.fullmatch(told) else ""
    sub = _SUB_CODE.search(text)
    exact = sub[1] if sub else code or f"http_{answer.status_code}"
    return Refusal(answer.status_code, exact, code if sub else "", retry_after(answer.headers), bool(body))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, at least one; None when the header is missing or unreadable. A date counts from the answer's own."""
    told = headers.get("Retry-After")
    if not told:
        return None
    try:
        return max(1.0, float(told))
    except ValueError:
        pass
    try:
        return max(1.0, (parsedate_to_datetime(told) - parsedate_to_datetime(headers["Date"])).total_seconds())
    except (KeyError, ValueError, TypeError):
        return None


def refuses_card(error: DeliveryError) -> bool:
    """Whether a refusal is about the card, so that a plainer one may be taken."""
    return isinstance(error, AppFault) and error.code in CARD_FAULTS


def _json(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
