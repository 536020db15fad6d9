"""What every messenger must do, whichever chat system it speaks to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reporting import messages as m
from reporting.ports import AppFault, InstallationStopped, RetryLater, TargetGone, Uncertain
from tests.handlers.seats import Seat, seat

SINCE = datetime(2026, 11, 27, 15, 55, tzinfo=UTC)
ROWS = tuple(((m.Plain(f"P{n}"),), (m.Plain("word " * 30),)) for n in range(150))
LONG = m.Message("Long", (m.Heading("All"), m.Table("All", ("Key", "Text"), ROWS), m.Paragraph((m.Pill(None),))))


@pytest.fixture(params=["slack", "teams"])
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Seat]:
    async with seat(request.param, tmp_path) as sitting:
        yield sitting


def said(text: str) -> m.Message:
    return m.Message(text, (m.Paragraph((m.Plain(text),)),))


def part(at: Seat, text: str = "Hello") -> dict[str, Any]:
    (only,) = at.messenger.render(said(text), {})
    return only


async def test_a_person_gets_one_message_for_one_post(at: Seat) -> None:
    ref = await at.messenger.post(at.ana, part(at), "k")
    assert at.seen(at.ana) == ["Hello"]
    assert at.calls("post") == 1
    assert ref.channel
    assert ref.message_id
    assert at.refusals() == []


async def test_a_thread_stands_under_its_message(at: Seat) -> None:
    first = await at.messenger.post(at.channel, part(at, "First"), "d#0")
    other = await at.messenger.post(at.channel, part(at, "Other"), "e#0")
    reply = await at.messenger.post(at.channel, part(at, "Reply"), "d#1", first)
    await at.messenger.post(at.channel, part(at, "More"), "d#2", first)
    assert at.under(first) == ["Reply", "More"]
    assert at.under(other) == []
    await at.messenger.update(reply, part(at, "Better"), "d#1")
    await at.messenger.delete(reply)
    assert at.under(first) == ["More"]


async def test_an_update_replaces(at: Seat) -> None:
    for target in (at.ana, at.channel):
        ref = await at.messenger.post(target, part(at), f"k:{target}")
        await at.messenger.update(ref, part(at, "Now"), f"k:{target}")
        assert at.seen(target) == ["Now"]


async def test_an_update_with_an_unknown_outcome_can_be_made_again(at: Seat) -> None:
    ref = await at.messenger.post(at.ana, part(at), "k")
    at.fault("update", "lost_after")
    with pytest.raises(RetryLater) as caught:
        await at.messenger.update(ref, part(at, "Now"), "k")
    assert not caught.value.all_wait
    await at.messenger.update(ref, part(at, "Now"), "k")
    assert at.seen(at.ana) == ["Now"]


async def test_what_is_gone_stays_gone(at: Seat) -> None:
    ref = await at.messenger.post(at.ana, part(at), "k")
    await at.messenger.delete(ref)
    await at.messenger.delete(ref)
    assert at.seen(at.ana) == []
    with pytest.raises(TargetGone):
        await at.messenger.update(ref, part(at), "k")


@pytest.mark.parametrize("kind", ["lost_before", "lost_after"])
async def test_an_unknown_outcome_is_uncertain_and_not_repeated(at: Seat, kind: Any) -> None:
    at.fault("post", kind)
    with pytest.raises(Uncertain):
        await at.messenger.post(at.channel, part(at), "k")
    assert at.calls("post") == 1
    if not at.messenger.looks_back:
        with pytest.raises(Uncertain):
            await at.messenger.find(at.channel, "k", SINCE)
    else:
        found = await at.messenger.find(at.channel, "k", SINCE)
        assert (found is not None) is (kind == "lost_after")


async def test_what_was_sent_is_found(at: Seat) -> None:
    first = await at.messenger.post(at.channel, part(at), "d#0")
    reply = await at.messenger.post(at.channel, part(at), "d#1", first)
    assert await at.messenger.find(at.channel, "d#0", SINCE) == first
    assert await at.messenger.find(at.channel, "d#1", SINCE, first) == reply


async def test_too_much_is_certainly_not_sent_and_says_when(at: Seat) -> None:
    at.fault("post", "busy")
    with pytest.raises(RetryLater) as caught:
        await at.messenger.post(at.ana, part(at), "k")
    assert caught.value.seconds == 9
    assert caught.value.all_wait
    assert at.seen(at.ana) == []


async def test_who_is_not_there_is_gone(at: Seat) -> None:
    for target in (at.nobody, at.no_channel):
        with pytest.raises(TargetGone):
            await at.messenger.post(target, part(at), "k")


async def test_a_closed_door_stops_the_installation(at: Seat) -> None:
    await at.messenger.post(at.ana, part(at), "k")
    at.close_the_door()
    with pytest.raises(InstallationStopped):
        await at.messenger.post(at.ana, part(at), "k2")


async def test_a_part_that_is_not_taken_is_our_fault_and_known_as_one_of_drawing(at: Seat) -> None:
    with pytest.raises(AppFault) as caught:
        await at.messenger.post(at.ana, at.broken, "k")
    assert at.about_blocks(caught.value)
    assert at.calls("post") == 1


@pytest.mark.parametrize("plain", [False, True])
async def test_every_part_of_a_long_message_is_taken(at: Seat, plain: bool) -> None:
    draw = at.messenger.render_plain if plain else at.messenger.render
    parts = draw(LONG, {}, threaded=True)
    first = await at.messenger.post(at.channel, parts[0], "k#0")
    for n, each in enumerate(parts[1:], 1):
        await at.messenger.post(at.channel, each, f"k#{n}", first)
    assert at.refusals() == []
    assert len(at.under(first)) == len(parts) - 1 > 0


async def test_what_a_person_typed_pings_nobody(at: Seat) -> None:
    typed = "<!channel> <!here> <@U2> <at>everybody</at> @everyone"
    await at.messenger.post(at.channel, part(at, typed), "k")
    assert at.refusals() == []
    assert not at.loud(at.channel)


async def test_a_mention_pings_whom_it_names(at: Seat) -> None:
    message = m.Message("s", (m.Paragraph((m.Mention(1, "Ana Ruiz"), m.Plain(", please"))),))
    (drawn,) = at.messenger.render(message, {1: at.ana})
    await at.messenger.post(at.channel, drawn, "k")
    (silent,) = at.messenger.render(message, {})
    await at.messenger.post(at.ana, silent, "k2")
    assert at.refusals() == []
    assert at.loud(at.channel)
    assert not at.loud(at.ana)


async def test_people(at: Seat) -> None:
    profile = await at.messenger.profile(at.ana)
    assert profile is not None
    assert profile.identity.platform == at.messenger.platform
    assert (profile.identity.user_id, profile.name, profile.email) == (at.ana, "Ana Ruiz", at.mail)
    assert (profile.human, profile.active, profile.guest) == (True, True, False)
    found = await at.messenger.lookup(at.mail)
    assert found is not None
    assert found.identity == profile.identity
    assert await at.messenger.profile(at.nobody) is None
    assert await at.messenger.lookup("nobody@labs.example") is None


async def test_a_proxy_in_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for platform in ("slack", "teams"):
        async with seat(platform, tmp_path) as sitting:
            await sitting.messenger.post(sitting.ana, part(sitting), "k")
