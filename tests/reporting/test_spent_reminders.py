"""A reminder that is out follows what has been answered since: an edit of it, never one message more."""

from __future__ import annotations

from reporting.messages import Actions, Message, Row
from tests.reporting.asking import buttons, text
from tests.support.world import World


def reminder(world: World, name: str, key: str) -> str:
    return f"reminder:{world.period_id(key)}:{world.people[name].id}:day_before"


def edit(world: World, key: str) -> Message:
    """The newest edit of a message that is out."""
    edits = [d for d in world.deliveries(f"{key}:") if d.updates == key]
    message = world.message(edits[-1].key)
    assert message is not None
    return message


def test_an_answered_reminder_asks_for_nothing_any_more(world: World) -> None:
    world.go("2026-11-26", "12:00")
    world.arrive("reminder:")
    key, before = reminder(world, "ben", "CORE"), len([d for d in world.deliveries("") if d.updates is None])
    world.report("ben", "CORE")
    assert text(edit(world, key)) == "Answered. Thank you."
    assert not buttons(edit(world, key))
    assert len([d for d in world.deliveries("") if d.updates is None]) == before


def test_a_reminder_keeps_only_what_is_still_owed(world: World) -> None:
    world.go("2026-11-26", "12:00")
    world.arrive("reminder:")
    key = reminder(world, "ana", "ATLAS")
    world.report("ana", "ATLAS")
    left = edit(world, key)
    assert [block.spans for block in left.blocks if isinstance(block, Row)] != []
    assert "ATLAS" not in text(left)
    assert "Still open: BEAM." in text(left)
    world.report("ana", "BEAM")
    assert text(edit(world, key)) == "Answered. Thank you."
    # A correction finds it spent already.
    world.report("ana", "BEAM", "amber")
    assert text(edit(world, key)) == "Answered. Thank you."


def test_a_reminder_yet_to_come_is_left_to_itself(world: World) -> None:
    world.go("2026-11-26", "11:00")
    world.click("ben", "request.snooze", f"{world.period_id('CORE')}:24")
    world.report("ben", "CORE")
    assert not [d for d in world.deliveries("reminder:") if d.updates]


def test_a_put_off_reminder_that_is_out_still_shows_what_is_owed(world: World) -> None:
    world.go("2026-11-26", "12:00")
    world.arrive("reminder:")
    world.click("ana", "request.snooze", f"{world.period_id('ATLAS')}:4")
    world.report("ana", "ATLAS")
    assert "Still open: BEAM." in text(edit(world, reminder(world, "ana", "ATLAS")))


def test_what_is_excused_is_owed_no_longer(world: World) -> None:
    world.go("2026-11-26", "12:00")
    world.arrive("reminder:")
    key = reminder(world, "ben", "CORE")
    form = world.click("ben", "absence.open", str(world.people["ben"].id))[0].form  # type: ignore[union-attr]
    world.submit("ben", form, first="2026-11-26", last="2026-11-30")
    assert text(edit(world, key)) == "Nothing is owed any more."
    prompt = f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}"
    assert "CORE  Core project: excused, you are away" in text(edit(world, prompt))


def test_after_the_period_nothing_can_be_pressed(world: World) -> None:
    world.go("2026-11-26", "12:00")
    world.arrive("reminder:")
    period, key = world.period_id("ATLAS"), reminder(world, "ana", "ATLAS")
    world.report("ana", "ATLAS")
    world.go("2026-12-04", "13:00")
    assert text(edit(world, key)) == "This period is closed."
    prompt = edit(world, f"prompt:{period}:{world.people['ana'].id}")
    assert "This period is closed; 1 of 2 answered." in text(prompt)
    assert prompt.summary == "This period is closed."
    assert not buttons(prompt)
    assert not [block for block in prompt.blocks if isinstance(block, Actions)]
