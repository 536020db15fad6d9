"""What an operator does to single messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reporting.ledger import Delivery, MessageRef
from reporting.ledger import DeliveryState as State
from reporting.services import mending, outbox
from tests.support.world import World, text_of

PART = [{"text": "x", "blocks": []}]


def put(world: World, key: str, state: State, **more: Any) -> Delivery:
    """A delivery that has come so far."""
    kind = more.pop("kind", "notice")
    links = {name: more.pop(name, None) for name in ("updates", "thread_of")}
    with world.store.begin() as uow:
        planned = outbox.plan(uow, key=key, kind=kind, target="channel:#pmo", now=world.clock.now(), **links)
        assert planned is not None
        became = replace(planned, state=state, content={"a": key}, parts=PART, **more)
        assert uow.deliveries.save(became, planned.attempt)
        return became


def resend(world: World, key: str, **more: Any) -> Delivery:
    with world.store.begin() as uow:
        return mending.resend(uow, key, "Olga", world.clock.now(), **more)


def get(world: World, key: str) -> Delivery:
    with world.store.read() as uow:
        found = uow.deliveries.by_key(key)
    assert found is not None
    return found


def test_what_failed_for_certain_is_planned_anew_from_the_present_state(world: World) -> None:
    before = world.clock.now()
    put(world, "memo", State.FAILED, error="is_archived", failed_at=before)
    put(world, "prompt:1", State.FAILED, kind="prompt", error="user_disabled", failed_at=before)
    world.go("2026-11-24", "09:00")
    memo, prompt = resend(world, "memo"), resend(world, "prompt:1")
    # What was planned with its words keeps them; a prompt is written from what is owed now.
    assert (memo.state, memo.content, memo.parts) == (State.PLANNED, {"a": "memo"}, None)
    assert (prompt.state, prompt.content, prompt.failed_at, prompt.error) == (State.PLANNED, None, None, "")
    assert memo.due_at == world.clock.now() > before


def test_the_pmo_has_it_sent_again_by_a_button(world: World) -> None:
    failed = put(world, "memo", State.FAILED, error="uncertain: no_answer", failed_at=world.clock.now())
    put(world, "sent", State.SENT)
    assert "Only the PMO" in text_of(world.click("ana", "delivery.resend", str(failed.id)))
    assert get(world, "memo").state is State.FAILED
    assert "It is sent again now" in text_of(world.click("anna", "delivery.resend", str(failed.id)))
    assert get(world, "memo").state is State.PLANNED
    with world.store.read() as uow:
        [event] = [one for one in uow.audit.events("delivery:memo") if one.action == "delivery.resent"]
    assert event.actor == f"person:{world.people['anna'].id}"
    assert "sent again already" in text_of(world.click("anna", "delivery.resend", str(failed.id)))
    assert get(world, "memo").attempt == failed.attempt
    assert "sent again already" in text_of(world.click("anna", "delivery.resend", str(get(world, "sent").id)))
    for value in ("999", "x", ""):
        assert "out of date" in text_of(world.click("anna", "delivery.resend", value))


def test_what_may_have_arrived_is_looked_for_first(world: World) -> None:
    due = put(world, "memo", State.FAILED, error="internal_error").due_at
    with world.store.begin() as uow:
        after = {"reason": "internal_error", outbox.DOUBTFUL: True}
        uow.audit.append(world.clock.now(), "system", "delivery.failed", "delivery:memo", None, after)
    put(world, "lost", State.UNCERTAIN, error="timeout")
    world.go("2026-11-24", "09:00")
    again = resend(world, "memo")
    assert (again.state, again.parts, again.due_at) == (State.UNCERTAIN, PART, due)
    assert resend(world, "lost").state is State.UNCERTAIN
    assert get(world, "memo").content == {"a": "memo"}


def test_what_is_half_there_is_finished_as_it_was(world: World) -> None:
    ref = MessageRef("C3", "1.0")
    put(world, "memo", State.FAILED, refs=(ref,))
    again = resend(world, "memo")
    assert (again.state, again.parts, again.refs) == (State.PLANNED, PART, (ref,))


def test_what_was_skipped_is_sent_however_late_it_is(world: World) -> None:
    put(world, "memo", State.SKIPPED, expires_at=world.clock.now() - timedelta(hours=1))
    assert resend(world, "memo").expires_at is None


def test_what_came_to_nothing_with_it_is_planned_again_too(world: World) -> None:
    put(world, "memo", State.FAILED)
    put(world, "memo:detail", State.CANCELLED, thread_of="memo")
    put(world, "memo:r:1", State.CANCELLED, updates="memo")
    put(world, "memo:other", State.CANCELLED)
    put(world, "memo:r:2", State.SENT, updates="memo")
    resend(world, "memo")
    states = [get(world, f"memo{end}").state for end in ("", ":detail", ":r:1", ":other", ":r:2")]
    assert states == [State.PLANNED, State.PLANNED, State.PLANNED, State.CANCELLED, State.SENT]


def test_what_was_sent_is_copied_only_when_that_is_asked_for(world: World) -> None:
    put(world, "memo", State.SENT)
    with pytest.raises(mending.NotDone, match="was sent, so nothing was changed"):
        resend(world, "memo")
    assert [resend(world, "memo", copy=True).key for _ in range(2)] == ["memo:again:1", "memo:again:2"]
    copy = get(world, "memo:again:1")
    assert (copy.state, copy.content, copy.parts) == (State.PLANNED, {"a": "memo"}, None)
    for number in range(3, 100):
        put(world, f"memo:again:{number}", State.SENT)
    with pytest.raises(mending.NotDone, match="99 times"):
        resend(world, "memo", copy=True)
    put(world, "memo:r:1", State.SENT, updates="memo")
    with pytest.raises(mending.NotDone, match="changes another message"):
        resend(world, "memo:r:1", copy=True)


@pytest.mark.parametrize("state", [State.PLANNED, State.SENDING])
def test_what_is_on_its_way_is_left_alone(world: World, state: State) -> None:
    put(world, "memo", state)
    with pytest.raises(mending.NotDone, match="on its way"):
        resend(world, "memo")


def test_only_what_is_planned_is_called_off_and_those_behind_it_go_on(world: World) -> None:
    put(world, "memo", State.PLANNED)
    behind = put(world, "behind", State.PLANNED)
    with world.store.begin() as uow:
        gone = mending.cancel(uow, "memo", "Olga", "a mistake", world.clock.now())
    assert (gone.state, gone.error) == (State.CANCELLED, "cancelled by Olga: a mistake")
    with world.store.read() as uow:
        [event] = uow.audit.events("delivery:memo")
        assert outbox.job_key(behind.id) in uow.jobs.keys(outbox.TASK)
    assert (event.actor, event.action) == ("operator:Olga", "delivery.cancelled")
    with world.store.begin() as uow, pytest.raises(mending.NotDone, match="only what is planned"):
        mending.cancel(uow, "memo", "Olga", "a mistake", world.clock.now())


def test_an_unknown_key_and_one_that_a_sender_takes_at_this_moment(world: World) -> None:
    put(world, "failed", State.FAILED)
    put(world, "planned", State.PLANNED)
    with world.store.begin() as uow:
        with pytest.raises(mending.NotDone, match="no message with the key"):
            mending.resend(uow, "none", "Olga", world.clock.now())
        taken: Any = _Taken(uow)
        with pytest.raises(mending.NotDone, match="just taken"):
            mending.resend(taken, "failed", "Olga", world.clock.now())
        with pytest.raises(mending.NotDone, match="just taken"):
            mending.cancel(taken, "planned", "Olga", "x", world.clock.now())


class _Taken:
    """A transaction in which another attempt has just taken everything."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.deliveries = self

    def save(self, *_: Any) -> bool:
        return False

    def by_key(self, key: str) -> Any:
        return self._inner.deliveries.by_key(key)

    def held(self, delivery_id: int) -> float:
        return float(self._inner.deliveries.held(delivery_id))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


# ---------------------------------------------------------------- somebody who can be reached again


LOST = ("not_installed", "blocked")


def missed(world: World, key: str, kind: str = "notice", hours: float = 12, **more: Any) -> int:
    """A message to Ana that failed, of use for some hours; her id."""
    with world.store.begin() as uow:
        ana = uow.people.by_email("ana@labs.example")
        assert ana is not None
        uow.people.save(replace(ana, unreachable=more.pop("unreachable", "not_installed: there")))
        subject, now = more.pop("subject", {}), world.clock.now()
        planned = outbox.plan(
            uow, key=key, kind=kind, target=f"person:{ana.id}", now=now, subject=subject, grace=timedelta(hours=hours),
            updates=more.pop("updates", None),
        )  # fmt: skip
        assert planned is not None
        failed = {"state": State.FAILED, "platform": "teams", "error": "not_installed: there", "failed_at": now}
        assert uow.deliveries.save(replace(planned, **(failed | more)), planned.attempt)
        return ana.id


def reached(world: World, person_id: int) -> None:
    with world.store.begin() as uow:
        mending.reached_again(uow, person_id, "teams", LOST, world.clock.now())


def reason(world: World, person_id: int) -> str | None:
    with world.store.read() as uow:
        person = uow.people.get(person_id)
    return person.unreachable if person else None


def test_who_can_be_reached_again_gets_what_is_still_of_use(world: World) -> None:
    ana = missed(world, "soon")
    missed(world, "old", hours=1)
    missed(world, "elsewhere", platform="slack")
    missed(world, "unsure", error="uncertain: no_answer")
    world.clock.set(world.clock.now() + timedelta(hours=2))
    reached(world, ana)
    states = {key: get(world, key).state for key in ("soon", "old", "elsewhere", "unsure")}
    assert states == {"soon": State.PLANNED, "old": State.FAILED, "elsewhere": State.FAILED, "unsure": State.FAILED}
    assert reason(world, ana) is None


def test_a_reason_that_has_nothing_to_do_with_it_stays(world: World) -> None:
    ana = missed(world, "memo", unreachable="user_disabled", error="user_disabled")
    reached(world, ana)
    assert reason(world, ana) == "user_disabled"
    assert get(world, "memo").state is State.FAILED


def test_a_prompt_is_of_use_until_its_report_is_due_and_stands_for_its_reminders(world: World) -> None:
    world.go("2026-11-24", "09:00")
    about = {"period": world.period_id("ATLAS"), "person": 1}
    ana = missed(world, "prompt:a", "prompt", hours=1, subject=about)
    missed(world, "prompt:a:r:1", "prompt", hours=1, subject=about, updates="prompt:a")
    missed(world, "prompt:none", "prompt", hours=1, subject={"period": 999, "person": 1})
    missed(world, "reminder:a", "reminder", hours=48, subject=about)
    missed(world, "reminder:b", "reminder", hours=48, subject={"period": 998, "person": 1})
    world.clock.set(world.clock.now() + timedelta(hours=2))
    reached(world, ana)
    keys = ("prompt:a", "prompt:a:r:1", "prompt:none", "reminder:a", "reminder:b")
    assert {key for key in keys if get(world, key).state is State.PLANNED} == {"prompt:a", "reminder:b"}
    assert get(world, "prompt:a").expires_at is None


def test_nobody_is_found(world: World) -> None:
    reached(world, 999)
