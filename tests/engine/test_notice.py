"""What could not be delivered reaches the PMO, with the notice as it is really written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.engine.notice import compose_notice
from bot.engine.outages import Outages
from reporting.ledger import DeliveryState as State
from reporting.messages import Bullets, Button, Channel, Message, Paragraph, Plain, Row, Strong
from reporting.model import Person, Project
from reporting.ports import AppFault, InstallationPaused, TargetGone
from reporting.services.planning import _skipped
from tests.engine.bench import Bench
from tests.engine.messenger import in_turn


def notices(bench: Bench) -> list[str]:
    return bench.chat.texts("#pmo")


async def test_the_first_failure_is_told(bench: Bench) -> None:
    bench.plan("prompt:1", minutes_late=30)
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    assert notices(bench) == []
    bench.clock.forward(minutes=11)
    await bench.process().work()
    [told] = notices(bench)
    assert "1 message could not be delivered" in told
    assert "is_archived" in told


async def test_failures_of_ten_minutes_are_told_together_and_later_ones_the_next_day(bench: Bench) -> None:
    bench.plan("a", "channel:C1")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    bench.clock.forward(minutes=5)
    bench.plan("b", "channel:C2", minutes_late=600)
    await bench.process(in_turn(AppFault("missing_scope"))).work()
    bench.clock.forward(minutes=6)
    await bench.process().work()
    [told] = notices(bench)
    assert "2 messages could not be delivered" in told
    bench.clock.forward(minutes=5)
    bench.plan("c", "channel:C3", minutes_late=600)
    await bench.process(in_turn(TargetGone("channel_not_found"))).work()
    bench.clock.forward(days=1)
    await bench.process().work()
    _, next_day = notices(bench)
    assert "1 message could not be delivered" in next_day
    assert "channel_not_found" in next_day


async def test_a_notice_that_fails_makes_no_other(bench: Bench) -> None:
    bench.plan("a")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    bench.clock.forward(minutes=11)
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    with bench.store.read() as uow:
        [notice] = uow.deliveries.with_prefix("undeliverable:")
    assert notice.state is State.FAILED


async def test_what_fails_for_a_reason_of_ours_is_given_up_after_a_day_and_told(bench: Bench) -> None:
    bench.plan("a")
    bench.broken.add("a")
    begun = bench.clock.now()
    process = bench.process()
    while bench.delivery("a").state is State.PLANNED:
        await process.work(patience=0)
        bench.clock.forward(minutes=46)
        assert bench.clock.now() - begun < timedelta(days=3)
    assert (bench.delivery("a").state, bench.delivery("a").error) == (State.FAILED, "ValueError: a fault of ours")
    await process.work()
    [told] = notices(bench)
    assert "a fault of ours" in told


def notice_of(bench: Bench) -> Message:
    """The notice as it would be written now."""
    with bench.store.read() as uow:
        [delivery] = uow.deliveries.with_prefix("undeliverable:")
    message = compose_notice(bench.services, delivery, {"slack": lambda _texts, error: f"cure of {error}."})
    assert message is not None
    return message


def led_by(bench: Bench, person: Person, *keys: str) -> list[Project]:
    with bench.store.begin() as uow:
        portfolio = uow.projects.add_portfolio("imaging", "Imaging")
        return [uow.projects.add(Project(0, key, key.title(), portfolio.id, lead_id=person.id)) for key in keys]


async def test_a_channel_is_named_by_a_link_to_it(bench: Bench) -> None:
    bench.plan("a", "channel:C0123ABC")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    [bullets] = [block for block in notice_of(bench).blocks if isinstance(block, Bullets)]
    assert bullets.items == ((Channel("C0123ABC"), Plain(" (message): cure of is_archived.")),)


async def test_for_who_is_out_of_reach_a_new_lead_can_be_chosen_at_once(bench: Bench) -> None:
    ben = bench.person("Ben")
    projects = led_by(bench, ben, "CORE", "BEAM")
    bench.plan("a", f"person:{ben.id}")
    await bench.process(in_turn(TargetGone("user_disabled"))).work()
    message = notice_of(bench)
    day = bench.services.texts_for_channel().short_day(bench.clock.now().date())
    [told] = [block for block in message.blocks if isinstance(block, Paragraph)]
    assert told.spans == (Strong("Ben"), Plain(f" out of reach since {day}. cure of user_disabled."))
    assert not [block for block in message.blocks if isinstance(block, Bullets)]
    rows = [block for block in message.blocks if isinstance(block, Row)]
    assert [row.element for row in rows] == [
        Button("project.edit", "Choose a lead", str(project.id)) for project in reversed(projects)
    ]


async def test_of_who_has_left_it_is_said_on_which_day_that_was_found(bench: Bench) -> None:
    ben = bench.person("Ben")
    led_by(bench, ben, *(f"P{n:02}" for n in range(12)))
    bench.plan("a", f"person:{ben.id}")
    await bench.process(in_turn(TargetGone("user_disabled"))).work()
    bench.clock.forward(days=2)
    with bench.store.begin() as uow:
        uow.people.save(replace(ben, active=False))
    assert "has left, found on" in str(notice_of(bench).blocks[1])
    with bench.store.begin() as uow:
        facts = {"active": True}
        uow.audit.append(
            bench.clock.now(), "system", "person.changed", f"person:{ben.id}", facts, facts | {"active": False}
        )
        uow.audit.append(bench.clock.now(), "system", "person.changed", f"person:{ben.id}", facts, facts)
    day = bench.services.texts_for_channel().short_day(bench.clock.now().date())
    _, told, *rows, more = notice_of(bench).blocks
    assert f"has left, found on {day}. Their projects need a new lead." in str(told)
    assert len(rows) == 10
    assert '2 more: /rag lead:"Ben"' in str(more)


async def test_somebody_without_an_account_is_no_leaver(bench: Bench) -> None:
    with bench.store.begin() as uow:
        dora = uow.people.add(Person(0, "Dora"))
    bench.plan("a", f"person:{dora.id}")
    await bench.process().work()
    [bullets] = [block for block in notice_of(bench).blocks if isinstance(block, Bullets)]
    assert bullets.items[0][0] == Strong("Dora")
    assert "No chat account is known" in str(bullets.items[0][1])


async def test_what_was_skipped_after_downtime_is_told_together_with_when_the_bot_was_away(bench: Bench) -> None:
    outages = Outages(bench.store, bench.clock)
    outages.note()
    away_from = bench.clock.now()
    for number in range(3):
        bench.plan(f"old:{number}", f"channel:C{number}", in_minutes=30 + number, grace=timedelta(minutes=30))
    bench.clock.forward(hours=4)
    outages.note()
    await bench.process().work()
    assert notices(bench) == []
    bench.clock.forward(minutes=11)
    await bench.process().work()
    [told] = notices(bench)
    t = bench.services.texts_for_channel()
    assert "3 messages were not sent because it was too late" in told
    assert "Not sent because it was too late: 3 other messages." in told
    first, last = away_from + timedelta(minutes=30), away_from + timedelta(minutes=32)
    assert f"Due: {t.moment(first)} to {t.moment(last)}." in told
    away = f"Rollcall was not running from {t.moment(away_from)} to {t.moment(away_from + timedelta(hours=4))}."
    assert away in told
    # Once a day: what is skipped later is told tomorrow.
    bench.plan("older", minutes_late=5, grace=timedelta(minutes=1))
    await bench.process().work()
    assert len(notices(bench)) == 1
    bench.clock.forward(days=1)
    await bench.process().work()
    [_, next_day] = notices(bench)
    assert "1 message was not sent because it was too late" in next_day
    assert "not running" not in next_day


async def test_what_was_held_up_by_the_workspace_until_it_was_too_late_says_so(bench: Bench) -> None:
    bench.plan("a", grace=timedelta(minutes=30))
    await bench.process(in_turn(InstallationPaused("access_denied"))).work()
    bench.clock.forward(hours=2)
    await bench.process().work()
    bench.clock.forward(minutes=11)
    await bench.process().work()
    [told] = notices(bench)
    assert "They could not be sent before: access_denied." in told


async def test_periods_and_digests_that_were_left_out_are_told_with_failures(bench: Bench) -> None:
    now = bench.clock.now()
    with bench.store.begin() as uow:
        for what in ("period:weekly:2026-11-16", "digest:leadership:2026-11-16", "digest:leadership:2026-11-23"):
            _skipped(bench.services, uow, now, what, "a reason")
    bench.plan("a")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    bench.clock.forward(minutes=11)
    await bench.process().work()
    [told] = notices(bench)
    assert "1 message could not be delivered" in told
    assert "in the calendar weekly was not opened, so nobody was asked." in told
    assert told.count("The digest leadership of ") == 2


async def test_a_period_that_was_left_out_alone_is_told_too(bench: Bench) -> None:
    with bench.store.begin() as uow:
        _skipped(bench.services, uow, bench.clock.now(), "period:weekly:2026-11-16", "a reason")
    bench.clock.forward(minutes=11)
    await bench.process().work()
    [told] = notices(bench)
    assert "Something that was due was left out because it was too late" in told


def test_a_short_pause_is_no_outage_and_a_clock_set_back_begins_anew(bench: Bench) -> None:
    outages = Outages(bench.store, bench.clock)
    outages.note()
    bench.clock.forward(minutes=4)
    outages.note()
    bench.clock.forward(hours=-1)
    outages.note()
    bench.clock.forward(minutes=4)
    outages.note()
    with bench.store.read() as uow:
        assert uow.notes.get("bot.outages") is None


async def test_what_fails_after_the_notice_went_out_is_told_the_same_day(bench: Bench) -> None:
    for number in range(2):
        bench.plan(f"d{number}", f"channel:C{number}")
        await bench.process(in_turn(TargetGone("is_archived"))).work()
        bench.clock.forward(minutes=11)
        await bench.process().work()
    assert len(bench.chat.texts("#pmo")) == 1
    bench.clock.forward(hours=1)
    await bench.process().work()
    assert len(bench.chat.texts("#pmo")) == 2


async def test_what_fails_while_the_notice_is_written_is_in_the_next(bench: Bench) -> None:
    bench.plan("first")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    bench.clock.forward(minutes=11)
    bench.plan("second", "channel:C2")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    bench.clock.forward(hours=2)
    await bench.process().work()
    told = bench.chat.texts("#pmo")
    assert len(told) == 1 or "C2" in told[1]
    assert "C2" in " ".join(told)
