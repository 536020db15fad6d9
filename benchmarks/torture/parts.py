"""What a test may do to the product in its own process: switch one protection off, and shorten the time limits.

None of this can be reached from the product's settings. A protection that is off must show in the verdict; otherwise
the campaign could not see its fault.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.config.settings import EngineSettings
from bot.engine import records, slots
from bot.engine.records import Records
from bot.engine.turns import NotYet, Stop
from handlers.slack import api, sender
from handlers.slack.api import Timeouts
from reporting.ledger import Delivery
from reporting.messages import Message, Paragraph, Plain
from reporting.ports import UnitOfWork
from reporting.services import compose, outbox
from reporting.services.context import Services
from storage import jobs
from storage.repositories.deliveries import SqlDeliveries

KIND = "torture"
"""Deliveries of this kind are composed when they are sent; a note takes the wish back."""
_NEVER = 1e9


def note(key: str) -> str:
    """The note that says that a delivery is no longer wanted."""
    return f"torture.unwanted.{key}"


def message(text: str) -> Message:
    """A message of one paragraph."""
    return Message(text, (Paragraph((Plain(text),)),))


def compose_torture(_services: Services, uow: UnitOfWork, delivery: Delivery, _now: datetime) -> Message | None:
    """The composer of these deliveries."""
    return None if uow.notes.get(note(delivery.key)) else message(delivery.key)


def _fence() -> None:
    """Every write is taken, whoever has taken over meanwhile."""
    save = SqlDeliveries.save

    @functools.wraps(save)
    def unfenced(self: SqlDeliveries, delivery: Delivery, _fence: int, hold: float = 0.0) -> bool:
        now = self.get(delivery.id)
        return save(self, delivery, now.attempt if now else 0, hold)

    SqlDeliveries.save = unfenced  # type: ignore[method-assign]


def _hold() -> None:
    """What is being sent may be taken by anybody."""
    SqlDeliveries.held = lambda _self, _delivery_id: 0.0  # type: ignore[method-assign]


def _lookup() -> None:
    """What may have been sent is not looked for."""

    async def nothing(*_: object, **__: object) -> None:
        return None

    sender.SlackMessenger.find = nothing  # type: ignore[method-assign]


def _freeze_check() -> None:
    """A process that stood still does not mind."""
    slots.FROZEN_AFTER = _NEVER
    Records.kept = lambda _self, _attempt: True  # type: ignore[method-assign]


def _line() -> None:
    """Nobody waits for those before."""

    def any_time(uow: UnitOfWork, delivery: Delivery, _now: datetime) -> Delivery | Stop | NotYet | None:
        other = None if delivery.thread_of is None else uow.deliveries.by_key(delivery.thread_of)
        return NotYet() if other is not None and not other.refs else other

    records.before_post = any_time  # type: ignore[attr-defined]


def _edits() -> None:
    """An older edit neither gives way to a newer one nor is waited for."""

    def any_time(uow: UnitOfWork, _delivery: Delivery, base: str, _now: datetime) -> Delivery | Stop | NotYet:
        other = uow.deliveries.by_key(base)
        return other if other is not None and other.refs else NotYet()

    records.before_edit = any_time  # type: ignore[attr-defined]


def _rescue() -> None:
    """What a killed process had in hand stays there."""
    jobs.SqlJobTable.reset_orphans = lambda _self: 0  # type: ignore[method-assign]
    jobs.SqlShelf.rescue = lambda _self: 0  # type: ignore[method-assign]


def _sweep() -> None:
    """Nobody looks for deliveries whose job was lost."""
    outbox.lost = lambda _uow, _now: []


def _due() -> None:
    """Nobody looks at the due time: jobs run at once."""
    look, enqueue = Records._look, outbox.enqueue

    def early(self: Records, uow: UnitOfWork, delivery: Delivery) -> Any:
        now = self._services.clock.now()
        found = look(self, uow, replace(delivery, due_at=min(delivery.due_at, now)))
        return replace(found, delivery=replace(found.delivery, due_at=delivery.due_at)) if _goes(found) else found

    Records._look = early  # type: ignore[method-assign]
    outbox.enqueue = lambda uow, delivery, now: enqueue(uow, replace(delivery, due_at=now), now)


def _goes(found: Any) -> bool:
    return isinstance(found, records.Attempt)


def _cancel() -> None:
    """What is no longer wanted is sent all the same."""
    compose._COMPOSERS[KIND] = lambda _services, _uow, delivery, _now: message(delivery.key)


WITHOUT: dict[str, Callable[[], None]] = {
    "fence": _fence,
    "hold": _hold,
    "lookup": _lookup,
    "freeze-check": _freeze_check,
    "line": _line,
    "edits": _edits,
    "rescue": _rescue,
    "sweep": _sweep,
    "due": _due,
    "cancel": _cancel,
}
"""Each protection, and what switches it off."""


def apply(without: list[str], tempo: float) -> None:
    """Prepare this process: protections off, and all time limits of a request shorter by a factor."""
    compose._COMPOSERS[KIND] = compose_torture
    for name in without:
        WITHOUT[name]()
    if tempo == 1.0:
        return
    quick = Timeouts(connect=3.0 * tempo, total=10.0 * tempo)
    api.Timeouts = lambda: quick  # type: ignore[assignment,misc]
    holds = tuple(seconds * tempo for seconds in EngineSettings().holds)
    make = EngineSettings.__init__

    def shorter(self: EngineSettings, *args: Any, **values: Any) -> None:
        make(self, *args, **{"holds": holds, **values})

    EngineSettings.__init__ = shorter  # type: ignore[method-assign]
