"""The messenger against a stand-in as strict as Teams, with its faults."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers.teams.http import Timeouts
from reporting import messages as m
from reporting.ledger import MessageRef
from reporting.ports import (
    AppFault,
    InstallationPaused,
    InstallationStopped,
    Messenger,
    RetryLater,
    TargetGone,
    Uncertain,
)
from tests.support.teams.rules import size
from tests.support.teams.wired import NOW, Wired, wired

HELLO = m.Message("Hello", (m.Paragraph((m.Plain("Good morning <at>all</at> *x*"),)),))
QUICK = Timeouts(connect=0.5, total=0.5)


def part(messenger: Messenger, message: m.Message = HELLO) -> dict[str, Any]:
    (only,) = messenger.render(message, {})
    return only


@pytest.fixture
async def sending(tmp_path: Path) -> AsyncIterator[Wired]:
    async with wired(tmp_path) as teams:
        yield teams


# ---------------------------------------------------------------- what is refused


async def test_who_blocked_us_is_gone_until_a_message_arrives(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    ana.blocked = True
    with pytest.raises(TargetGone) as caught:
        await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    assert caught.value.code == "MessageWritesBlocked"
    assert len(sending.fake.of("send")) == 1
    known = sending.book.find(ana.aad)
    assert known is not None
    assert known.gone == "blocked"
    ana.blocked = False
    await sending.messenger.post(ana.aad, part(sending.messenger), "k2")
    known = sending.book.find(ana.aad)
    assert known is not None
    assert known.gone == ""


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "slow", "slow_after"])
async def test_an_unknown_outcome_is_uncertain_and_is_not_repeated(tmp_path: Path, kind: Any) -> None:
    async with wired(tmp_path, timeouts=QUICK) as teams:
        ana = teams.met(teams.fake.world.person("Ana Ruiz"))
        await teams.messenger.start()
        teams.fake.faults.add("send", kind, seconds=1.0)
        with pytest.raises(Uncertain):
            await teams.messenger.post(ana.aad, part(teams.messenger), "k")
        assert len(teams.fake.of("send")) == 1
        with pytest.raises(Uncertain, match="cannot_look"):
            await teams.messenger.find(ana.aad, "k", NOW)


async def test_what_this_process_has_sent_is_found(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    assert await sending.messenger.find(ana.aad, "k", NOW) == ref


@pytest.mark.parametrize("status", [500, 507])
async def test_an_error_of_teams_is_uncertain(sending: Wired, status: int) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    sending.fake.faults.add("send", "status_after", status=status)
    with pytest.raises(Uncertain):
        await sending.messenger.post(ana.aad, part(sending.messenger), "k")


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
async def test_what_teams_wants_again_waits_longer_each_time(sending: Wired, status: int) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    sending.fake.faults.add("send", status=status, times=3)
    waits = []
    for _ in range(3):
        with pytest.raises(RetryLater) as caught:
            await sending.messenger.post(ana.aad, part(sending.messenger), "k")
        waits.append(caught.value.seconds)
        assert caught.value.all_wait is (status == 429)
    assert waits == [2.0, 4.0, 8.0]
    await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    sending.fake.faults.add("send", status=status, headers={"Retry-After": "17"})
    with pytest.raises(RetryLater) as caught:
        await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    assert caught.value.seconds == 17


@pytest.mark.parametrize(("status", "kind"), [(400, AppFault), (413, AppFault), (403, TargetGone)])
async def test_what_is_never_taken_is_asked_once(sending: Wired, status: int, kind: Any) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    sending.fake.faults.add("send", status=status, code="Whatever", times=None)
    with pytest.raises(kind):
        await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    assert len(sending.fake.of("send")) == 1


async def test_an_administrator_may_have_switched_us_off(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    sending.fake.faults.add("send", status=403, code="BotDisabledByAdmin")
    with pytest.raises(InstallationPaused):
        await sending.messenger.post(ana.aad, part(sending.messenger), "k")


async def test_the_limit_of_a_conversation_says_when(tmp_path: Path) -> None:
    async with wired(tmp_path, rates=True) as teams:
        ana = teams.met(teams.fake.world.person("Ana Ruiz"))
        teams.fake.rates.now = lambda: 100.0
        for n in range(7):
            await teams.messenger.post(ana.aad, part(teams.messenger), f"k{n}")
        with pytest.raises(RetryLater) as caught:
            await teams.messenger.post(ana.aad, part(teams.messenger), "over")
        assert caught.value.seconds == 1
        assert len(ana.messages()) == 7


async def test_the_size_is_counted_as_utf16(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    fits, over = ({"type": "message", "text": "x" * n} for n in (49_900, 50_100))
    assert size(fits) <= 100_000 < size(over)
    await sending.messenger.post(ana.aad, fits, "a")
    with pytest.raises(AppFault, match="MessageSizeTooBig"):
        await sending.messenger.post(ana.aad, over, "b")


# ---------------------------------------------------------------- tokens


async def test_a_token_taken_back_is_replaced_once(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    for key in ("a", "b"):
        await sending.messenger.post(ana.aad, part(sending.messenger), key)
    assert len(sending.fake.of("token")) == 1
    sending.fake.login.revoke()
    await sending.messenger.post(ana.aad, part(sending.messenger), "c")
    assert len(sending.fake.of("token")) == 2
    assert len(ana.messages()) == 3


async def test_only_a_fresh_token_refused_stops_everything(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    sending.fake.faults.add("send", status=401, code="Unauthorized", times=2)
    with pytest.raises(InstallationStopped):
        await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    assert len(sending.fake.of("send")) == 2
    assert ana.messages() == []


async def test_a_secret_that_ran_out_stops_everything(sending: Wired) -> None:
    sending.fake.login.closed = True
    with pytest.raises(InstallationStopped, match="AADSTS7000215"):
        await sending.messenger.start()


# ---------------------------------------------------------------- what stands there


async def test_an_update_replaces_and_can_be_tried_again(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    sending.fake.faults.add("update", "drop_after")
    with pytest.raises(RetryLater):
        await sending.messenger.update(ref, part(sending.messenger), "k")
    changed = part(sending.messenger, m.Message("Now", (m.Paragraph((m.Plain("Now"),)),)))
    await sending.messenger.update(ref, changed, "k")
    (posted,) = ana.messages()
    assert (posted.summary, posted.edits) == ("Now", 2)
    with pytest.raises(TargetGone):
        await sending.messenger.update(MessageRef(ref.channel, "1"), changed, "k")


async def test_deleting_twice_is_fine(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    await sending.messenger.delete(ref)
    await sending.messenger.delete(ref)
    assert ana.messages() == []


async def test_an_answer_goes_where_it_was_asked(sending: Wired) -> None:
    ana = sending.fake.world.person("Ana Ruiz")
    assert ana.chat is not None
    ref = await sending.messenger.say(ana.chat.id, sending.fake.service_url, part(sending.messenger), "in-7")
    assert ana.messages()[0].activity["replyToId"] == "in-7"
    await sending.messenger.replace(ref, {"type": "message", "text": "Later"})
    assert ana.messages()[0].activity["text"] == "Later"


async def test_every_part_of_a_long_message_is_taken_drawn_either_way(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    rows = tuple(((m.Plain(f"P{n}"),), (m.Plain("word " * 30),)) for n in range(150))
    message = m.Message("Long", (m.Heading("All"), m.Table("All", ("Key", "Text"), rows), m.Paragraph((m.Pill(None),))))
    parts = sending.messenger.render(message, {}), sending.messenger.render_plain(message, {})
    for at, each in enumerate([one for drawn in parts for one in drawn]):
        await sending.messenger.post(ana.aad, each, f"k#{at}")
    assert sending.fake.refusals == []
    assert len(parts[0]) > 2


async def test_mentions_and_channels_are_drawn_for_teams(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    team = sending.met_team(sending.fake.world.team("Research"))
    spans = (m.Mention(1, "Ana Ruiz"), m.Plain(" in "), m.Channel(team.id))
    (drawn,) = sending.messenger.render(m.Message("s", (m.Paragraph(spans),)), {1: ana.aad})
    await sending.messenger.post(team.id, drawn, "k")
    card = team.general.messages()[0].card
    assert card["msteams"]["entities"][0]["mentioned"] == {"id": ana.aad, "name": "Ana Ruiz"}
    assert "General" in str(card)


async def test_what_can_be_acknowledged_is_renewed_by_clients(sending: Wired) -> None:
    """By a request of its own: a client that does not say that nobody pressed must acknowledge nothing."""
    team = sending.met_team(sending.fake.world.team("Research"))
    spoken = m.Message("s", (m.Actions((m.Button("project.open", "Detail", "3"), m.Button("alert.ack", "Mine", "7"))),))
    (drawn,) = sending.messenger.render(spoken, {})
    await sending.messenger.post(team.id, drawn, "k")
    asked = team.general.messages()[0].card["refresh"]["action"]
    assert (asked["type"], asked["data"]["rollcall"]) == (
        "Action.Execute", {"do": "card.refresh", "with": "7", "at": "message"},
    )  # fmt: skip
    (answer,) = sending.messenger.draw(spoken, {})
    (other,) = sending.messenger.render(m.Message("s", (m.Actions((m.Button("project.open", "Detail", "3"),)),)), {})
    for activity in (answer, other):
        assert "refresh" not in activity["attachments"][0]["content"]


async def test_nobody_there_is_certainly_not_sent(tmp_path: Path) -> None:
    async with wired(tmp_path) as teams:
        await teams.messenger.start()
        teams.book.met("p", "personal", "a:1", "http://127.0.0.1:9/emea/")
        with pytest.raises(RetryLater, match="unreached"):
            await teams.messenger.post("p", part(teams.messenger), "k")


async def test_a_file_is_put_where_teams_says_and_nowhere_else(sending: Wired) -> None:
    https = sending.messenger.connector.https
    await https.put_file(sending.fake.upload_url, b"a,b\r\n")
    assert sending.fake.uploads == {"one": b"a,b\r\n"}
    for url in ("https://evil.example/x", "http://10.0.0.1/x", "file:///etc/passwd", ""):
        with pytest.raises(AppFault, match="upload_not_allowed"):
            await https.put_file(url, b"x")
    sending.fake.faults.add("upload", status=404, code="itemNotFound")
    with pytest.raises(AppFault, match="itemNotFound"):
        await https.put_file(sending.fake.upload_url, b"x")


# ---------------------------------------------------------------- what goes out of turn


async def test_answers_are_told_of_before_they_go_and_deliveries_are_not(tmp_path: Path) -> None:
    told: list[str] = []

    async def saying(conversation: str) -> None:
        told.append(conversation)

    async with wired(tmp_path, saying=saying) as teams:
        ana, team = teams.met(teams.fake.world.person("Ana Ruiz")), teams.met_team(teams.fake.world.team("Research"))
        ref = await teams.messenger.post(ana.aad, part(teams.messenger), "k")
        await teams.messenger.update(ref, part(teams.messenger), "k")
        assert told == []
        await teams.messenger.replace(ref, part(teams.messenger))
        thread = f"{team.id};messageid=1795000000000"
        await teams.messenger.say(thread, teams.fake.service_url, part(teams.messenger))
        assert told == [ref.channel, team.id]
