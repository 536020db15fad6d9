"""What was left out because it was too late, as the PMO is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.engine.outages import outages_between
from bot.engine.turns import TOO_LATE
from reporting.ledger import AuditEvent, Delivery
from reporting.messages import Block, Bullets, Paragraph, Plain, Spans
from reporting.ports import UnitOfWork
from reporting.services.undelivered import KIND, SKIPPED
from reporting.texts import Texts

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Skips:
    """What was left out.

    Attributes:
        messages: the first skipped first; without their content.
        work: audit events of periods and digests.
        outages: from when to when the bot was not running meanwhile.
    """

    messages: Sequence[Delivery]
    work: Sequence[AuditEvent]
    outages: Sequence[tuple[datetime, datetime]]

    def __bool__(self) -> bool:
        return bool(self.messages or self.work)


def skips_since(uow: UnitOfWork, since: datetime) -> Skips:
    """Everything left out at or after an instant."""
    messages = [delivery for delivery in uow.deliveries.skipped_since(since) if delivery.kind != KIND]
    work = uow.audit.events(since=since, action=SKIPPED)
    ends = [delivery.failed_at for delivery in messages if delivery.failed_at] + [event.at for event in work]
    begins = [delivery.due_at for delivery in messages] + [event.at for event in work]
    found = outages_between(uow, min(begins), max(ends)) if begins else ()
    return Skips(messages, work, tuple(found))


def skipped_title(t: Texts, skips: Skips) -> str:
    """In one line."""
    if not skips.messages:
        return t("Something that was due was left out because it was too late")
    return t.n("{n} message was not sent because it was too late",
               "{n} messages were not sent because it was too late", len(skips.messages))  # fmt: skip


def skipped_blocks(t: Texts, skips: Skips) -> Iterator[Block]:
    """What it was, when it was due, and why nobody sent it then."""
    if skips.messages:
        yield Paragraph((Plain(" ".join(_sentences(t, skips.messages))),))
    lines = [_work(t, event) for event in skips.work[:_SHOWN]]
    if lines:
        yield Bullets(tuple(lines))
    for begun, ended in skips.outages:
        text = t("Rollcall was not running from {begun} to {ended}.", begun=t.moment(begun), ended=t.moment(ended))
        yield Paragraph((Plain(text),))


def _sentences(t: Texts, messages: Sequence[Delivery]) -> Iterator[str]:
    counted = Counter(message.kind for message in messages)
    kinds = ", ".join(_counted(t, kind, number) for kind, number in counted.most_common())
    first, last = min(m.due_at for m in messages), max(m.due_at for m in messages)
    yield t("Not sent because it was too late: {kinds}.", kinds=kinds)
    if first == last:
        yield t("Due: {moment}.", moment=t.moment(first))
    else:
        yield t("Due: {first} to {last}.", first=t.moment(first), last=t.moment(last))
    held = Counter(reason for message in messages if (reason := _held_up(message)))
    if held:
        yield t("They could not be sent before: {reason}.", reason=held.most_common(1)[0][0])


def _counted(t: Texts, kind: str, n: int) -> str:
    match kind:
        case "prompt":
            return t.n("{n} prompt", "{n} prompts", n)
        case "reminder":
            return t.n("{n} reminder", "{n} reminders", n)
        case "alert":
            return t.n("{n} alert", "{n} alerts", n)
        case "digest":
            return t.n("{n} digest", "{n} digests", n)
        case _:
            return t.n("{n} other message", "{n} other messages", n)


def _held_up(message: Delivery) -> str:
    """The error of the try before it was too late, if there was one."""
    begin = f"{TOO_LATE}; before that: "
    return message.error.removeprefix(begin).partition("\n")[0] if message.error.startswith(begin) else ""


def _work(t: Texts, event: AuditEvent) -> Spans:
    what, name, day = event.subject.split(":", 2)
    shown = t.short_day(date.fromisoformat(day))
    if what == "period":
        text = t(
            "The period of {day} in the calendar {name} was not opened, so nobody was asked.", day=shown, name=name
        )
    else:
        text = t("The digest {name} of {day} was not posted.", day=shown, name=name)
    return (Plain(text),)
