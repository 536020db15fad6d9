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

from benchmarks.torture import snares
from bot.config.settings import EngineSettings
from bot.engine import distributed, records, slots
from bot.engine.attempt import Attempt
from bot.engine.records import Records
from bot.engine.turns import NotYet, Stop
from handlers.slack import api, errors, sender
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


def _put(owner: object, name: str, new: object) -> None:
    """Replace a part of the product in this process."""
    assert hasattr(owner, name), f"{owner} has no {name}"
    setattr(owner, name, new)


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

    _put(SqlDeliveries, "save", unfenced)


def _hold() -> None:
    """What is being sent may be taken by anybody."""
    _put(SqlDeliveries, "held", lambda _self, _delivery_id: 0.0)


def _lookup() -> None:
    """What may have been sent is not looked for."""

    async def nothing(*_: object, **__: object) -> None:
        return None

    _put(sender.SlackMessenger, "find", nothing)


def _freeze_check() -> None:
    """A process that stood still does not mind."""
    _put(slots, "FROZEN_AFTER", _NEVER)
    _put(Records, "kept", lambda _self, _attempt: True)


def _line() -> None:
    """Nobody waits for those before."""

    def any_time(uow: UnitOfWork, delivery: Delivery, _now: datetime) -> Delivery | Stop | NotYet | None:
        other = None if delivery.thread_of is None else uow.deliveries.by_key(delivery.thread_of)
        return NotYet() if other is not None and not other.refs else other

    _put(records, "before_post", any_time)


def _edits() -> None:
    """An older edit neither gives way to a newer one nor is waited for."""

    def any_time(uow: UnitOfWork, _delivery: Delivery, base: str, _now: datetime) -> Delivery | Stop | NotYet:
        other = uow.deliveries.by_key(base)
        return other if other is not None and other.refs else NotYet()

    _put(records, "before_edit", any_time)


def _rescue() -> None:
    """What a killed process had in hand stays there."""
    _put(jobs.SqlJobTable, "reset_orphans", lambda _self: 0)
    _put(jobs.SqlShelf, "rescue", lambda _self: 0)


def _sweep() -> None:
    """Nobody looks for deliveries whose job was lost."""
    _put(outbox, "lost", lambda _uow, _now: [])


def _due() -> None:
    """Nobody looks at the due time: jobs run at once."""
    look, enqueue = Records._look, outbox.enqueue

    def early(self: Records, uow: UnitOfWork, delivery: Delivery) -> Any:
        now = self._services.clock.now()
        found = look(self, uow, replace(delivery, due_at=min(delivery.due_at, now)))
        if isinstance(found, Attempt):
            return replace(found, delivery=replace(found.delivery, due_at=delivery.due_at))
        return found

    _put(Records, "_look", early)
    _put(outbox, "enqueue", lambda uow, delivery, now: enqueue(uow, replace(delivery, due_at=now), now))


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
    snares.lay(EngineSettings().holds[0] * tempo)
    if tempo == 1.0:
        return
    quick = Timeouts(connect=3.0 * tempo, total=10.0 * tempo)
    _put(api, "Timeouts", lambda: quick)
    _put(errors, "UNREACHED_WAIT", errors.UNREACHED_WAIT * tempo)
    for name in ("HEARTBEAT", "STALLED", "_RESCUE_EVERY"):
        _put(distributed, name, getattr(distributed, name) * tempo)
    _put(outbox, "_LOST", outbox._LOST * tempo)
    holds = tuple(seconds * tempo for seconds in EngineSettings().holds)
    make = EngineSettings.__init__

    def shorter(self: EngineSettings, *args: Any, **values: Any) -> None:
        make(self, *args, **{"holds": holds, **values})

    _put(EngineSettings, "__init__", shorter)
