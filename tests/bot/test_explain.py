"""What `rollcall deliveries explain` says a message waits for, on both databases, without a bot that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.explaining import explained
from bot.engine.choice import make_store, prepare
from bot.engine.clock import SystemClock
from reporting.ledger import Delivery, MessageRef
from reporting.ledger import DeliveryState as State
from reporting.model import Identity, Person
from reporting.services.outbox import plan
from storage.store import SqlStore
from tests.support.databases import BOTH, database

Put = Callable[..., Delivery]
PART = [{"text": "x", "blocks": []}]


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    with database(request.param, tmp_path) as url:
        prepare(url)
        store = make_store(url)
        yield store
        store.dispose()


@pytest.fixture
def now() -> datetime:
    return SystemClock().now()


@pytest.fixture
def put(store: SqlStore, now: datetime) -> Put:
    """Plan a delivery, then bring it to where the test wants it."""

    def go(key: str, target: str = "channel:C1", hold: float = 0.0, changed: Any = None, **more: Any) -> Delivery:
        with store.begin() as uow:
            planned = plan(uow, key=key, kind="notice", target=target, now=now - timedelta(minutes=5), **more)
            assert planned is not None
            if changed or hold:
                assert uow.deliveries.save(replace(planned, **(changed or {})), planned.attempt, hold)
            return planned

    return go


def why(store: SqlStore, key: str, now: datetime) -> str:
    [line] = [line for line in explained(store, key, now) if line.startswith("why")]
    return line.removeprefix("why").strip()


def test_what_is_ready_and_what_stands_behind_it(store: SqlStore, put: Put, now: datetime) -> None:
    put("first", changed={"error": "ratelimited"})
    put("second")
    put("elsewhere", target="channel:C2")
    put("ready", target="channel:C3")
    put("edit", updates="first")
    put("answer", thread_of="first", target="channel:C9")
    assert why(store, "first", now) == "it is tried again after: ratelimited"
    assert why(store, "second", now) == "it waits for first (planned: ratelimited)"
    assert why(store, "edit", now) == "it waits for first (planned: ratelimited)"
    assert why(store, "answer", now) == "it waits for first (planned: ratelimited)"
    assert why(store, "ready", now).startswith("nothing holds it up: a running bot sends it now.")


def test_what_a_sender_has_in_hand_and_what_is_in_doubt(store: SqlStore, put: Put, now: datetime) -> None:
    put("held", hold=20.0, changed={"state": State.SENDING})
    assert why(store, "held", now).startswith("a sender has it in hand, for ")
    put("doubt", target="channel:C2", changed={"state": State.UNCERTAIN, "parts": PART})
    assert "it is looked for in the chat before it is sent again" in why(store, "doubt", now)


def test_by_which_chat_system_it_goes(store: SqlStore, put: Put, now: datetime) -> None:
    with store.begin() as uow:
        accounts = (Identity("slack", "T1", "U1"), Identity("teams", "tenant", "entra-1"))
        dora = uow.people.add(Person(0, "Dora Lead", prefers="teams", identities=accounts))
    put("prompt", target=f"person:{dora.id}")
    put("digest", target="channel:#pmo")
    put("failed", target="channel:19:abc@thread.tacv2", changed={"state": State.FAILED, "platform": "teams"})
    assert "chat     teams" in list(explained(store, "prompt", now))
    assert "chat     slack" in list(explained(store, "digest", now))
    assert "chat     teams" in list(explained(store, "failed", now))
    doubt = {"state": State.UNCERTAIN, "parts": PART, "platform": "teams"}
    put("doubt", target="channel:19:def@thread.tacv2", changed=doubt)
    assert "Teams cannot be asked; at the next look it is given up" in why(store, "doubt", now)


def test_what_a_fault_of_ours_keeps(store: SqlStore, put: Put, now: datetime) -> None:
    put("stuck", changed={"stuck": True, "error": "ValueError: x"})
    assert why(store, "stuck", now).endswith("the log has more: ValueError: x")


def test_who_has_no_account(store: SqlStore, put: Put, now: datetime) -> None:
    with store.begin() as uow:
        dora = uow.people.add(Person(0, "Dora Lead"))
    put("prompt", target=f"person:{dora.id}")
    lines = list(explained(store, "prompt", now))
    assert f"target   person:{dora.id} (Dora Lead)" in lines
    assert "the person has no chat account here" in why(store, "prompt", now)


def test_what_is_too_late_or_belongs_to_nothing(store: SqlStore, put: Put, now: datetime) -> None:
    put("late", grace=timedelta(minutes=1))
    put("gone", target="channel:C2", changed={"state": State.CANCELLED, "error": "no longer wanted"})
    put("edit", updates="gone")
    assert "is skipped at the next look" in why(store, "late", now)
    assert why(store, "gone", now) == "it was cancelled: no longer wanted"
    assert why(store, "edit", now).startswith("it is cancelled at the next look: the message it belongs to")


def test_an_older_change_that_is_half_done_goes_first(store: SqlStore, put: Put, now: datetime) -> None:
    ref = (MessageRef("C1", "1.0"),)
    put("base", changed={"state": State.SENT, "refs": ref, "sent_at": now})
    put("edit:1", updates="base", changed={"refs": ref, "parts": PART})
    put("edit:2", updates="base", changed={"refs": ref, "parts": PART})
    assert why(store, "edit:2", now) == "it waits for an older change of the same message that is not finished"


def test_the_job_and_a_job_that_was_lost(store: SqlStore, put: Put, now: datetime) -> None:
    put("now")
    put("later", target="channel:C2", due_at=now + timedelta(hours=5))
    postgres = store.due is not None
    jobs = {key: next(s for s in explained(store, key, now) if s.startswith("job")) for key in ("now", "later")}
    assert jobs["now"] == ("job      handed to the engine, for now" if postgres else "job      waits, to be run now")
    assert jobs["later"] == "job      waits, to be run in 5:00:00"
    assert why(store, "later", now) == "it is not due for 5:00:00"
    with store.writing() as db:
        db.exec_driver_sql("DELETE FROM procrastinate_jobs" if postgres else "DELETE FROM jobs")
    assert "it has lost its job" in why(store, "now", now)
