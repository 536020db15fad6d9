"""Sending one delivery: what is kept, what is edited, and what each refusal leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporting.ledger import DeliveryState as State
from reporting.messages_json import from_json, to_json
from reporting.ports import (
    AppFault,
    InstallationPaused,
    InstallationStopped,
    RetryLater,
    TargetGone,
)
from tests.engine.bench import Bench
from tests.engine.messenger import Fault, in_turn, paragraphs


async def test_what_was_sent_is_kept_exactly(bench: Bench) -> None:
    bench.wanted["digest:1"] = message = paragraphs("one", "two", "three")
    bench.plan("digest:1")
    await bench.process().work()
    kept = bench.delivery("digest:1")
    assert kept.state is State.SENT
    assert from_json(kept.content or {}) == message
    assert kept.parts == [{"text": "one"}, {"text": "two"}, {"text": "three"}]
    assert [ref.message_id for ref in kept.refs] == ["1", "2", "3"]
    # In a channel the further parts are in the thread of the first.
    assert [m.thread for m in bench.chat.messages.values()] == [None, "1", "1"]
    assert bench.chat.keys() == ["digest:1#0", "digest:1#1", "digest:1#2"]
    assert bench.jobs_left() == 0
    with bench.store.read() as uow:
        [event] = uow.audit.events("delivery:digest:1")
    assert event.action == "delivery.sent"


async def test_to_a_person_parts_follow_as_messages(bench: Bench) -> None:
    ana = bench.person("ana")
    bench.wanted["prompt:1"] = paragraphs("one", "two")
    bench.plan("prompt:1", f"person:{ana.id}")
    await bench.process().work()
    assert [(m.channel, m.thread) for m in bench.chat.messages.values()] == [("DANA", None), ("DANA", None)]


async def test_somebody_without_an_account_is_reported_to_the_pmo(bench: Bench) -> None:
    nobody = replace(bench.person("ana"), identities=())
    with bench.store.begin() as uow:
        uow.people.save(nobody)
    bench.plan("prompt:1", f"person:{nobody.id}")
    await bench.process().work()
    assert bench.delivery("prompt:1").state is State.FAILED
    with bench.store.read() as uow:
        [notice] = uow.deliveries.with_prefix("undeliverable:")
    assert (notice.target, notice.state) == ("channel:#pmo", State.PLANNED)


async def test_what_is_no_longer_wanted_or_too_late_is_recorded_and_not_sent(bench: Bench) -> None:
    from datetime import timedelta

    bench.wanted["gone"] = None
    bench.plan("gone")
    bench.plan("late", minutes_late=60, grace=timedelta(minutes=30))
    await bench.process().work()
    assert (bench.delivery("gone").state, bench.delivery("gone").error) == (State.CANCELLED, "no longer wanted")
    assert (bench.delivery("late").state, bench.delivery("late").error) == (State.SKIPPED, "too late to be of use")
    assert bench.chat.messages == {}


async def test_content_planned_beforehand_survives_a_refusal(bench: Bench) -> None:
    bench.wanted["fixed"] = None
    bench.plan("fixed", content=to_json(paragraphs("as planned")))
    await bench.process(in_turn("busy")).work()
    assert bench.chat.texts("C1") == ["as planned"]


async def test_after_a_refusal_the_message_is_written_anew(bench: Bench) -> None:
    bench.wanted["digest:1"] = paragraphs("old")
    bench.plan("digest:1")

    def refuse_once(_method: str) -> RetryLater | str:
        if bench.wanted["digest:1"] == paragraphs("old"):
            bench.wanted["digest:1"] = paragraphs("new")
            return RetryLater("ratelimited", 0.01)
        return ""

    await bench.process(refuse_once).work()
    assert bench.chat.texts("C1") == ["new"]


async def test_an_edit_changes_adds_and_removes_parts_and_each_row_keeps_its_own(bench: Bench) -> None:
    bench.wanted |= {"d": paragraphs("a", "b"), "d:edit1": paragraphs("A", "B", "C"), "d:edit2": paragraphs("only")}
    bench.plan("d")
    bench.plan("d:edit1", updates="d")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["A", "B", "C"]
    assert bench.chat.messages["3"].thread == "1"
    bench.plan("d:edit2", updates="d")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["only"]
    for key, parts in (("d", ["a", "b"]), ("d:edit2", ["only"])):
        assert bench.delivery(key).parts == [{"text": text} for text in parts]
    assert bench.delivery("d").refs == bench.delivery("d:edit2").refs
    assert len(bench.delivery("d").refs) == 1
    assert bench.delivery("d:edit1").parts == [{"text": "A"}, {"text": "B"}, {"text": "C"}]


async def test_edits_and_answers_wait_for_their_message(bench: Bench) -> None:
    bench.plan("d", "channel:C1")
    # To other channels, so that nothing but the wait keeps them in order.
    bench.plan("d:edit", "channel:C2", updates="d")
    bench.plan("d:more", "channel:C3", thread_of="d")
    await bench.process(in_turn("busy", "busy")).work()
    assert bench.delivery("d:edit").state is State.SENT
    assert [m.thread for m in bench.chat.messages.values() if m.key == "d:more#0"] == ["1"]


async def test_when_the_message_failed_its_edits_are_cancelled(bench: Bench) -> None:
    bench.plan("d")
    bench.plan("d:edit", "channel:C2", updates="d")
    bench.plan("d:more", "channel:C3", thread_of="missing")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    assert bench.delivery("d").state is State.FAILED
    assert bench.delivery("d:edit").state is State.CANCELLED
    assert bench.delivery("d:more").state is State.CANCELLED


async def test_a_person_who_cannot_be_reached_is_marked(bench: Bench) -> None:
    ana = bench.person("ana")
    bench.plan("prompt:1", f"person:{ana.id}")
    await bench.process(in_turn(TargetGone("user_disabled"))).work()
    with bench.store.read() as uow:
        person = uow.people.get(ana.id)
    assert person is not None
    assert person.unreachable == "user_disabled"
    assert bench.chat.calls == ["post"]


async def test_a_refused_block_is_tried_once_more_with_the_safest_ones(bench: Bench) -> None:
    bench.wanted["d"] = paragraphs("first", "new:second")
    bench.plan("d")
    await bench.process(in_turn("", AppFault("invalid_blocks"))).work()
    assert bench.chat.texts("C1") == ["first", "second"]
    assert bench.delivery("d").parts == [{"text": "first"}, {"text": "second"}]
    bench.plan("e")
    await bench.process(in_turn(AppFault("invalid_blocks"), AppFault("invalid_blocks"))).work()
    assert bench.delivery("e").state is State.FAILED
    assert bench.delivery("e").error == "invalid_blocks"


async def test_a_workspace_that_pauses_is_left_alone_for_an_hour(bench: Bench) -> None:
    bench.plan("d")
    await bench.process(in_turn(InstallationPaused("org_login_required"))).work()
    assert (bench.delivery("d").state, bench.chat.calls) == (State.PLANNED, ["post"])
    assert bench.jobs_left() == 1


async def test_a_dead_token_stops_all_sending_and_gives_nothing_up(bench: Bench) -> None:
    for number in range(3):
        bench.plan(f"d{number}", f"channel:C{number}")
    process = bench.process(lambda _method: InstallationStopped("token_revoked"))
    await process.work()
    assert process.deliver.stopped == {"slack": "token_revoked"}
    asked = len(bench.chat.calls)
    bench.plan("d9", "channel:C9")
    await process.work()
    assert len(bench.chat.calls) == asked
    assert {bench.delivery(f"d{n}").state for n in (0, 1, 2, 9)} == {State.PLANNED}


@pytest.mark.parametrize(("fault", "looked"), [("lost_before", 1), ("lost_after", 1)])
async def test_in_doubt_it_looks_before_it_sends_again(bench: Bench, fault: str, looked: int) -> None:
    bench.wanted["d"] = paragraphs("one", "two")
    bench.plan("d")
    process = bench.process(in_turn("", fault))
    await process.work()
    assert bench.chat.texts("C1") == ["one", "two"]
    assert process.messenger.found == looked


async def test_when_looking_is_refused_it_is_given_up_rather_than_sent_twice(bench: Bench) -> None:
    bench.plan("d")
    await bench.process(in_turn("lost_after", AppFault("missing_scope"))).work()
    assert bench.chat.texts("C1") == ["d"]
    assert bench.chat.calls == ["post", "find"]
    assert (bench.delivery("d").state, bench.delivery("d").error) == (State.FAILED, "missing_scope")
    with bench.store.read() as uow:
        assert len(uow.deliveries.with_prefix("undeliverable:")) == 1


async def test_a_refusal_that_is_not_about_blocks_is_not_tried_plainer(bench: Bench) -> None:
    bench.plan("d")
    await bench.process(in_turn(AppFault("missing_scope"))).work()
    assert (bench.delivery("d").state, bench.chat.calls) == (State.FAILED, ["post"])


async def test_a_message_that_arrives_shows_that_the_person_can_be_reached(bench: Bench) -> None:
    ana = bench.person("ana")
    with bench.store.begin() as uow:
        uow.people.save(replace(ana, unreachable="user_disabled"))
    bench.plan("prompt:1", f"person:{ana.id}")
    await bench.process().work()
    with bench.store.read() as uow:
        person = uow.people.get(ana.id)
    assert person is not None
    assert person.unreachable is None


async def test_a_look_up_that_must_wait_keeps_the_doubt(bench: Bench) -> None:
    bench.plan("d")
    await bench.process(in_turn("lost_after", "busy")).work()
    assert bench.chat.texts("C1") == ["d"]
    assert bench.delivery("d").state is State.SENT


async def test_the_same_key_is_planned_once(bench: Bench) -> None:
    bench.plan("d")
    with pytest.raises(AssertionError):
        bench.plan("d")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["d"]


async def test_what_was_written_beforehand_is_kept_when_a_doubt_is_settled(bench: Bench) -> None:
    """Lost, looked for in vain, refused for now: it must not be composed by somebody who does not know how."""
    bench.broken = {"d"}
    bench.plan("d", content=to_json(paragraphs("as planned")))
    await bench.process(in_turn("lost_before", "", "busy")).work()
    assert bench.chat.texts("C1") == ["as planned"]


@pytest.mark.parametrize(
    "faults",
    [("lost_before", RetryLater("ratelimited", 30)), (RetryLater("http_500", 30, all_wait=False),)],
    ids=["a look-up is refused", "one call fails"],
)
async def test_what_concerns_one_message_holds_up_no_other(bench: Bench, faults: tuple[Fault, ...]) -> None:
    process = bench.process(in_turn(*faults))
    bench.plan("refused", "channel:C2")
    await process.work()
    bench.plan("other")
    await process.work()
    assert bench.chat.texts("C1") == ["other"]
    assert bench.chat.texts("C2") == []
