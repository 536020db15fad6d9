"""The log's side of what people do: one id and one line for each doing, and failures without what anybody wrote."""

import logging
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

LOG = "rollcall.chat"
log = logging.getLogger(LOG)
Note = Callable[[str, str], None]
# What is done around an interaction, such as a span of a trace: gets its kind, name and id, yields where to note more.
Around = Callable[[str, str, str], AbstractContextManager[Note]]


@dataclass(slots=True)
class Interaction:
    """One thing that somebody does: its id, and how it ended."""

    ref: str
    outcome: str = "done"


@contextmanager
def nothing_around(_kind: str, _what: str, _ref: str) -> Iterator[Note]:
    """Do nothing more."""
    yield lambda _name, _value: None


_CURRENT: ContextVar[Interaction | None] = ContextVar("interaction", default=None)


@contextmanager
def interaction(
    kind: str, user: str, what: str = "", level: int = logging.INFO, around: Around = nothing_around
) -> Iterator[Interaction]:
    """Give everything that is logged inside one id, also in tasks and threads begun there, and end with one line.

    Args:
        kind: command, click, submission, ...
        user: the person's chat user id.
        what: the name of the command, action, form or event; never what a person wrote.
        level: of the line at the end.
        around: what else is to be done around it.
    """
    doing = Interaction(secrets.token_hex(4))
    begun = time.perf_counter()
    token = _CURRENT.set(doing)
    try:
        bound = structlog.contextvars.bound_contextvars(interaction=doing.ref, user=user)
        with bound, around(kind, what, doing.ref) as note:
            try:
                yield doing
            except BaseException:
                doing.outcome = "failed"
                raise
            finally:
                ms = round((time.perf_counter() - begun) * 1000, 1)
                note("outcome", doing.outcome)
                line = structlog.get_logger(LOG)
                line.log(level, "interaction", kind=kind, what=what, outcome=doing.outcome, ms=ms)
    finally:
        _CURRENT.reset(token)


def reference() -> str:
    """The id that the log and the person share: that of the interaction under way."""
    doing = _CURRENT.get()
    return doing.ref if doing else secrets.token_hex(4)


async def heard(
    kind: str,
    user: str,
    what: str,
    work: Awaitable[None],
    level: int = logging.INFO,
    around: Around = nothing_around,
) -> None:
    """Do what somebody asked for, as an interaction of its own. Never raises."""
    with interaction(kind, user, what, level, around):
        await logged(kind, work)


async def logged(doing: str, work: Awaitable[None]) -> None:
    """Do something in the background of which nobody would hear otherwise when it fails."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - the end of the line: there is nobody to raise it to
        report_failure(doing, error)


def report_failure(doing: str, error: BaseException) -> str:
    """Log a failure and return the id that the person is to be shown. Neither payloads nor the text of the exception,
    which may hold what somebody typed: its type and where it came from.
    """
    under_way, ref = _CURRENT.get(), reference()
    if under_way is not None:
        under_way.outcome = "failed"
    frames = "".join(traceback.format_tb(error.__traceback__, limit=-8))
    code = getattr(error, "code", "")
    log.error("%s failed (%s): %s %s\n%s", doing, ref, type(error).__name__, code, frames)
    return ref
