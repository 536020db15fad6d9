"""What the campaign asks the product to send, and remembers by itself."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from benchmarks.torture.chat import TEAM
from benchmarks.torture.parts import KIND, message, note
from reporting.ledger import DeliveryState
from reporting.messages_json import to_json
from reporting.model import Identity, Person
from reporting.ports import StoreBusy, UnitOfWork
from reporting.services import outbox
from storage.store import SqlStore

_BATCH = 12
# How many earlier posts may still be answered or edited.
_RECENT = 200
_PAUSE = 0.2
# Of a hundred: what is posted, to whom, and what becomes of it.
_KINDS = {"channel": 42, "person": 24, "reply": 12, "edit": 10, "unwanted": 5, "withdrawn": 4, "expiring": 3}


@dataclass(slots=True)
class Wish:
    """One delivery as it was asked for.

    Attributes:
        batch: number of the transaction; those of one transaction became known at once, in this order.
        committed: when that transaction had certainly ended (seconds since 1970, as everything here).
        unwanted_at: when it had certainly been taken back; 0 when it never was.
    """

    key: str
    what: str
    target: str
    due: float
    batch: int
    committed: float = 0.0
    updates: str | None = None
    thread_of: str | None = None
    unwanted_at: float = 0.0


class Feeder:
    """Plans deliveries through the product's own outbox, and takes some back.

    Attributes:
        wishes: everything that was planned, in order.
        to_take_back: those that are to be taken back before they are due.
    """

    def __init__(self, store: SqlStore, seed: int, channels: int, people: int, tempo: float) -> None:
        """Into a store; `tempo` shortens how far ahead things are planned."""
        self._store = store
        self._random = random.Random(seed)
        self._tempo = tempo
        self._channels = [f"channel:C{n:04}" for n in range(channels)]
        self._persons = self._introduce(people)
        self._recent: list[Wish] = []
        self.to_take_back: list[Wish] = []
        self._batches = 0
        self.wishes: list[Wish] = []

    def _introduce(self, people: int) -> list[str]:
        with self._store.begin() as uow:
            added = [
                uow.people.add(Person(0, f"Person {n}", identities=(Identity("slack", TEAM, f"U{n:05}"),)))
                for n in range(people)
            ]
        return [f"person:{person.id}" for person in added]

    def feed(self, upto: int) -> None:
        """Plan until so many have been planned; blocks, for a worker thread."""
        while len(self.wishes) < upto:
            self._batches += 1
            self._insist(self._batch())
            self.take_back()

    def _insist(self, batch: Sequence[Wish]) -> None:
        while True:
            try:
                with self._store.begin() as uow:
                    self._plan(uow, batch)
            except StoreBusy:
                # Whether it was stored is not known; keys are unique, so once more does no harm.
                time.sleep(_PAUSE)
            else:
                break
        done = time.time()
        for wish in batch:
            wish.committed = done
        self.wishes += batch
        self._recent = [*self._recent, *(w for w in batch if w.what in ("channel", "person"))][-_RECENT:]
        self.to_take_back += [wish for wish in batch if wish.what in ("unwanted", "withdrawn")]

    def _batch(self) -> list[Wish]:
        made: list[Wish] = []
        for n in range(_BATCH):
            what = self._random.choices(list(_KINDS), list(_KINDS.values()))[0]
            made.append(self._wish(f"t{self._batches:05}x{n:02}", what))
        return made

    def _wish(self, key: str, what: str) -> Wish:
        ahead = self._random.choice((0.0, self._random.uniform(1, 20) * self._tempo))
        if what in ("unwanted", "withdrawn"):
            ahead = self._random.uniform(4, 20) * self._tempo
        wish = Wish(key, what, self._random.choice(self._channels), ahead, self._batches)
        if what == "person":
            wish.target = self._random.choice(self._persons)
        if what in ("reply", "edit") and self._recent:
            base = self._random.choice(self._recent)
            wish.target = base.target
            if what == "reply":
                wish.thread_of = base.key
            else:
                wish.updates = base.key
        elif what in ("reply", "edit"):
            wish.what = "channel"
        return wish

    def _plan(self, uow: UnitOfWork, batch: Sequence[Wish]) -> None:
        # Read inside the transaction: nobody else can have planned anything since.
        now = datetime.now(UTC)
        for wish in batch:
            ahead = wish.due if wish.due < 1e6 else max(wish.due - now.timestamp(), 0.0)
            composed = wish.what == "unwanted"
            patient = wish.what == "person" and self._random.random() < 0.5
            planned = outbox.plan(
                uow,
                key=wish.key,
                kind=KIND if composed else ("prompt" if patient else "told"),
                target=wish.target,
                now=now,
                due_at=now + timedelta(seconds=ahead),
                grace=timedelta(seconds=self._random.uniform(2, 8) * self._tempo) if wish.what == "expiring" else None,
                updates=wish.updates,
                thread_of=wish.thread_of,
                content=None if composed else to_json(message(wish.key)),
            )
            if planned is not None:
                wish.due = planned.due_at.timestamp()

    def take_back(self) -> None:
        """Take back those that are to be, shortly before they are due; blocks."""
        now = time.time()
        soon = [wish for wish in self.to_take_back if wish.due - now < 2.5 * self._tempo]
        self.to_take_back = [wish for wish in self.to_take_back if wish not in soon]
        for wish in soon:
            try:
                with self._store.begin() as uow:
                    taken = _unwanted(uow, wish) if wish.what == "unwanted" else _withdrawn(uow, wish)
            except StoreBusy:
                self.to_take_back.append(wish)
            else:
                wish.unwanted_at = time.time() if taken else 0.0


def _unwanted(uow: UnitOfWork, wish: Wish) -> bool:
    """Say that it is no longer wanted, if it is early enough that nobody can be writing it."""
    if time.time() > wish.due - 0.1:
        return False
    uow.notes.put(note(wish.key), value=True)
    return True


def _withdrawn(uow: UnitOfWork, wish: Wish) -> bool:
    """Cancel the row itself, if no attempt has it in hand; with the next number, so that none takes it any more."""
    delivery = uow.deliveries.by_key(wish.key)
    if delivery is None or delivery.state is not DeliveryState.PLANNED or delivery.refs:
        return delivery is not None and delivery.state is DeliveryState.CANCELLED
    gone = replace(delivery, state=DeliveryState.CANCELLED, attempt=delivery.attempt + 1, error="taken back")
    if not uow.deliveries.save(gone, delivery.attempt):
        return False
    outbox.let_next(uow, gone, datetime.now(UTC))
    return True
