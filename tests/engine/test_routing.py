"""Two chat systems at once: each message goes where its reader is, and trouble with one is no trouble of the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from bot.engine.deliver import Deliver
from bot.engine.outlets import Outlet
from bot.engine.slots import RateSlots
from reporting.ledger import DeliveryState as State
from reporting.ledger import MessageRef
from reporting.messages import Actions, Bullets, Button, Message
from reporting.messages_json import from_json
from reporting.model import Identity, Person
from reporting.ports import DeliveryError, InstallationPaused, InstallationStopped, RetryLater, TargetGone, Uncertain
from reporting.services import mending
from tests.engine.bench import Bench
from tests.engine.messenger import Chat, FakeMessenger, Fault, in_turn, paragraphs

ROOM = "19:abc@thread.tacv2"
SLACK = Identity("slack", "T1", "UANA")
TEAMS = Identity("teams", "tenant", "entra-ana")


class Teams(FakeMessenger):
    """The second chat system: it cannot be asked what was sent."""

    platform = "teams"
    looks_back = False

    async def find(self, target: str, key: str, since: datetime, thread: MessageRef | None = None) -> MessageRef | None:
        self.found += 1
        raise Uncertain("cannot_look")


class Both:
    """One process with both."""

    def __init__(
        self,
        bench: Bench,
        slack: Callable[[str], Fault] = lambda _method: "",
        teams: Callable[[str], Fault] = lambda _method: "",
        rooms: Chat | None = None,
        wanted: tuple[str, ...] = ("slack", "teams"),
    ) -> None:
        self.rooms = rooms or Chat()
        self.slack, self.teams = FakeMessenger(bench.chat, slack), Teams(self.rooms, teams)
        self.asked: list[tuple[str, int]] = []
        self.accounts: dict[str, bool | DeliveryError] = {}
        self.slots = {name: RateSlots(0.0, 0.0) for name in wanted}
        outlets = {
            chat.platform: Outlet(chat, self.slots[chat.platform], self._finder(chat.platform))
            for chat in (self.slack, self.teams)
            if chat.platform in wanted
        }
        self.deliver = Deliver(bench.services, outlets, bench.compose, holds=bench.holds, jitter=lambda: 0.0)
        self.engine = bench.engine()
        self.engine.handle("deliver", self.deliver, self.deliver.give_up)

    def _finder(self, platform: str) -> Callable[[int], object]:
        async def find(person_id: int) -> bool:
            self.asked.append((platform, person_id))
            answer = self.accounts.get(platform, False)
            if isinstance(answer, DeliveryError):
                raise answer
            return answer

        return find

    async def work(self, patience: float = 0.3) -> None:
        async with asyncio.timeout(30):
            await self.engine.drain(patience)


def person(bench: Bench, name: str, *accounts: Identity, prefers: str | None = None) -> Person:
    with bench.store.begin() as uow:
        return uow.people.add(Person(0, name, prefers=prefers, identities=accounts))


async def test_a_lead_in_the_one_and_a_digest_in_the_other(bench: Bench) -> None:
    ana = person(bench, "Ana", TEAMS)
    bench.plan("prompt:1", f"person:{ana.id}")
    bench.plan("digest:1", "channel:#leadership")
    bench.plan("digest:2", f"channel:{ROOM}")
    both = Both(bench)
    await both.work()
    assert both.rooms.texts("entra-ana") == ["prompt:1"]
    assert both.rooms.texts(ROOM) == ["digest:2"]
    assert bench.chat.texts("#leadership") == ["digest:1"]
    assert [bench.delivery(key).platform for key in ("prompt:1", "digest:1", "digest:2")] == ["teams", "slack", "teams"]


@pytest.mark.parametrize(
    ("accounts", "prefers", "expected"),
    [((SLACK, TEAMS), None, "slack"), ((SLACK, TEAMS), "teams", "teams"), ((TEAMS, SLACK), None, "teams")],
)
async def test_a_person_in_both_is_written_to_once_where_they_prefer(
    bench: Bench, accounts: tuple[Identity, ...], prefers: str | None, expected: str
) -> None:
    ana = person(bench, "Ana", *accounts, prefers=prefers)
    bench.plan("prompt:1", f"person:{ana.id}")
    both = Both(bench)
    await both.work()
    assert bench.delivery("prompt:1").platform == expected
    assert (len(bench.chat.messages), len(both.rooms.messages)) == ((1, 0) if expected == "slack" else (0, 1))


async def test_an_edit_and_an_answer_stay_where_the_message_is(bench: Bench) -> None:
    ana = person(bench, "Ana", SLACK, TEAMS, prefers="teams")
    bench.plan("prompt:1", f"person:{ana.id}")
    both = Both(bench)
    await both.work()
    with bench.store.begin() as uow:
        uow.people.save(replace(ana, prefers="slack"))
    bench.wanted["edit"] = paragraphs("answered")
    bench.plan("edit", f"person:{ana.id}", updates="prompt:1")
    bench.plan("answer", f"person:{ana.id}", thread_of="prompt:1")
    bench.plan("prompt:2", f"person:{ana.id}")
    await both.work()
    assert both.rooms.texts("entra-ana") == ["answered", "answer"]
    assert list(bench.chat.keys()) == ["prompt:2#0"]
    assert bench.delivery("edit").platform == "teams"


async def test_what_was_begun_is_finished_where_it_was_begun(bench: Bench) -> None:
    ana = person(bench, "Ana", SLACK, TEAMS)
    bench.wanted["long"] = paragraphs("one", "two")
    bench.plan("long", f"person:{ana.id}")
    both = Both(bench, slack=in_turn("", RetryLater("ratelimited", 0.3)))
    await both.work(patience=0)
    assert bench.delivery("long").state is State.PLANNED
    with bench.store.begin() as uow:
        uow.people.save(replace(ana, prefers="teams"))
    await both.work(patience=1)
    assert bench.chat.texts("DANA") == ["one", "two"]
    assert not both.rooms.messages


@pytest.mark.parametrize("end", [InstallationStopped("token_revoked"), InstallationPaused("org_login_required")])
async def test_one_that_has_ended_or_paused_holds_up_nothing_of_the_other(bench: Bench, end: DeliveryError) -> None:
    ana = person(bench, "Ana", TEAMS)
    bench.plan("digest:1", "channel:#leadership")
    both = Both(bench, slack=lambda _method: end)
    await both.work()
    assert both.deliver.stopped == ({"slack": "token_revoked"} if isinstance(end, InstallationStopped) else {})
    calls = len(bench.chat.calls)
    bench.plan("digest:2", "channel:#pmo")
    bench.plan("prompt:1", f"person:{ana.id}")
    bench.plan("digest:3", f"channel:{ROOM}")
    await both.work()
    assert both.rooms.texts("entra-ana") == ["prompt:1"]
    assert both.rooms.texts(ROOM) == ["digest:3"]
    assert [bench.delivery(key).state for key in ("digest:1", "digest:2")] == [State.PLANNED, State.PLANNED]
    if isinstance(end, InstallationStopped):
        assert len(bench.chat.calls) == calls


async def test_a_limit_of_the_one_is_none_of_the_other(bench: Bench) -> None:
    both = Both(bench, slack=in_turn(RetryLater("ratelimited", 20.0)))
    bench.plan("digest:1", "channel:#leadership")
    bench.plan("digest:2", f"channel:{ROOM}")
    begun = asyncio.get_running_loop().time()
    await both.work(patience=0)
    assert both.rooms.texts(ROOM) == ["digest:2"]
    assert asyncio.get_running_loop().time() - begun < 10


async def test_who_has_no_account_is_looked_for_in_both(bench: Bench) -> None:
    ana = person(bench, "Ana")
    bench.plan("prompt:1", f"person:{ana.id}")
    both = Both(bench)
    await both.work()
    assert both.asked == [("slack", ana.id), ("teams", ana.id)]
    assert bench.delivery("prompt:1").state is State.FAILED


async def test_nobody_is_given_up_while_one_of_them_cannot_be_asked(bench: Bench) -> None:
    ana, ben = person(bench, "Ana"), person(bench, "Ben", TEAMS)
    both = Both(bench)
    both.deliver.stop("slack", "token_revoked")
    bench.plan("prompt:1", f"person:{ana.id}")
    bench.plan("prompt:2", f"person:{ben.id}")
    await both.work()
    assert (both.asked, bench.delivery("prompt:1").state) == ([("teams", ana.id)], State.PLANNED)
    assert both.rooms.texts("entra-ana") == ["prompt:2"]


async def test_an_account_where_nothing_is_set_up_counts_as_none_and_a_channel_there_as_a_failure(bench: Bench) -> None:
    ana = person(bench, "Ana", SLACK, TEAMS)
    bench.plan("prompt:1", f"person:{ana.id}")
    bench.plan("digest:1", "channel:#leadership")
    both = Both(bench, wanted=("teams",))
    await both.work()
    assert both.rooms.texts("entra-ana") == ["prompt:1"]
    failed = bench.delivery("digest:1")
    assert (failed.state, failed.error) == (State.FAILED, "the chat system is not set up: slack")
    bench.clock.forward(minutes=11)
    await Both(bench, rooms=both.rooms).work()
    [told] = bench.chat.texts("#pmo")
    assert "chat system is not set up any more" in told


async def test_what_may_have_arrived_is_not_sent_twice_where_nobody_can_look(bench: Bench) -> None:
    bench.plan("digest:1", f"channel:{ROOM}")
    both = Both(bench, teams=in_turn("lost_after"))
    await both.work()
    assert both.rooms.texts(ROOM) == ["digest:1"]
    failed = bench.delivery("digest:1")
    assert (failed.state, failed.error) == (State.FAILED, "uncertain: timeout")
    bench.clock.forward(minutes=11)
    await both.work()
    assert [(button.action, button.value) for button in _question(bench)] == [
        ("delivery.resend", str(failed.id)),
        ("delivery.arrived", str(failed.id)),
    ]
    # Somebody has looked there, and it is missing.
    with bench.store.begin() as uow:
        again = mending.resend(uow, "digest:1", "Petra", bench.clock.now(), actor="person:1")
    assert again.state is State.PLANNED
    await both.work()
    assert bench.delivery("digest:1").state is State.SENT
    assert both.rooms.texts(ROOM) == ["digest:1", "digest:1"]


async def test_what_a_killed_process_had_in_hand_is_told_and_not_sent_again(bench: Bench) -> None:
    bench.plan("digest:1", f"channel:{ROOM}")
    both = Both(bench, teams=in_turn("hang_after"))
    pump = asyncio.create_task(both.engine.run())
    async with asyncio.timeout(20):
        while not both.rooms.messages:
            await asyncio.sleep(0.01)
    await both.engine.stop(within=0)
    await asyncio.wait_for(pump, 20)
    await Both(bench, rooms=both.rooms).work(patience=1)
    assert both.rooms.texts(ROOM) == ["digest:1"]
    assert bench.delivery("digest:1").error.startswith("uncertain: ")


async def test_an_edit_in_doubt_is_simply_made_again(bench: Bench) -> None:
    bench.plan("digest:1", f"channel:{ROOM}")
    both = Both(bench, teams=in_turn("", "lost_after"))
    await both.work()
    bench.wanted["edit"] = paragraphs("newer")
    bench.plan("edit", f"channel:{ROOM}", updates="digest:1")
    await both.work()
    assert both.rooms.texts(ROOM) == ["newer"]
    assert bench.delivery("edit").state is State.SENT


async def test_what_to_do_is_told_in_the_words_of_the_chat_system_that_refused(bench: Bench) -> None:
    bench.plan("digest:1", "channel:#leadership")
    bench.plan("digest:2", f"channel:{ROOM}")
    await Both(bench, slack=in_turn(TargetGone("gone")), teams=in_turn(TargetGone("gone"))).work()
    bench.clock.forward(minutes=11)
    remedies = {"slack": lambda _t, error: f"Slack {error}", "teams": lambda _t, error: f"Teams {error}"}
    bench.remedies = remedies
    await Both(bench).work()
    [bullets] = [block for block in _notice(bench).blocks if isinstance(block, Bullets)]
    assert sorted(item[-1].text.partition(": ")[2] for item in bullets.items) == ["Slack gone", "Teams gone"]


def _notice(bench: Bench) -> Message:
    with bench.store.read() as uow:
        [notice] = uow.deliveries.with_prefix("undeliverable:")
    return from_json(notice.content or {})


def _question(bench: Bench) -> list[Button]:
    [actions] = [block for block in _notice(bench).blocks if isinstance(block, Actions)]
    return [button for button in actions.elements if isinstance(button, Button)]
