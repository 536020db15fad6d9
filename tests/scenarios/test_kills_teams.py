"""A real process that works in Microsoft Teams is killed in the middle of things, and Teams cannot be asked what came.

What was acknowledged is stored; what was not may be sent again; nobody gets anything twice, and what may have arrived
is in doubt until somebody looks.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from benchmarks.teams_world import CHANNELS, Where, account, config, environment, introduce
from reporting.ledger import Delivery, DeliveryState
from reporting.model import Person
from reporting.services.outbox import unsure
from tests.scenarios import machine as machines
from tests.scenarios.client import Seen
from tests.scenarios.machine import Starting
from tests.scenarios.on_teams import PATH
from tests.scenarios.teams_client import TeamsClient, seen
from tests.support.teams import FakeTeams

LEADS = 20
EVERYBODY = range(LEADS)
PMO = LEADS
LATER = "2026-11-23T09:15:00+01:00"
# Of the posts of a fan-out the first four are answered, three arrive unheard, two arrive later, and the rest never.
ANSWERED, UNHEARD, COMING = 4, 3, 2
NEVER = 600.0
ONCE = [1] * LEADS
RED = {
    "Why is it not green?": "The supplier is late.",
    "Path to green: what happens": "Second supplier signed",
    "Path to green: who does it": "Ana",
    "Path to green: by when": "2027-01-29",
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SKIPPED: there is no SIGKILL on Windows")


class Machine(machines.Machine):
    """A tenant that outlives the bot's processes, and the database they share; twenty leads, and Petra of the PMO."""

    def __init__(self, teams: FakeTeams, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        self.teams = teams
        self.people = [teams.world.person(f"Lead {n}", f"lead{n}@labs.example") for n in EVERYBODY]
        self.people.append(teams.world.person("Petra Moss", "petra.moss@example.org"))
        self.team = teams.world.team("Portfolio", self.people)
        channels = {name: self.team.channel(name.capitalize()).id for name in CHANNELS}
        self._where = Where(
            teams.login_url, teams.openid_url, teams.graph_url, teams.service_url, token="", channels=channels
        )
        self._config = config(folder, self._where)
        self.register(EVERYBODY, account)
        petra = Person(0, "Petra Moss", "petra.moss@example.org", "Europe/Berlin", identities=(account(PMO),))
        with self.store.begin() as uow:
            uow.people.add(petra)
        introduce(self.store, LEADS + 1, self._where)

    def environment(self) -> Mapping[str, str]:
        return environment(self.folder, self._where, self._config)

    def client(self, n: int, address: str = "") -> TeamsClient:
        """Somebody at their client; of the process that was started last, unless another one's address is given."""
        return TeamsClient(
            self.teams, self.people[n], "Europe/Berlin", lambda name: self.team.channel(name.capitalize()),
            lambda: f"{address or self.address}{PATH}",
        )  # fmt: skip

    def counts(self) -> list[int]:
        """How many messages each lead has."""
        return [len(person.messages()) for person in self.people[:LEADS]]

    def channel(self, name: str) -> list[Seen]:
        """What was posted there."""
        return [seen(one) for one in self.team.channel(name.capitalize()).messages("")]

    def lead_of(self, delivery: Delivery) -> int:
        """Whom a prompt is for."""
        with self.store.read() as uow:
            person = uow.people.get(int(delivery.target.partition(":")[2]))
        assert person is not None
        return int(person.name.removeprefix("Lead "))

    def leads_in(self, state: DeliveryState) -> set[int]:
        """Those whose prompt is in a state."""
        return {self.lead_of(delivery) for delivery in self.deliveries() if delivery.state is state}

    async def everybody_asked(self) -> None:
        """Until each lead's prompt is known to be there."""
        await self.until(lambda: len(self.deliveries()) == LEADS and self.states() == {DeliveryState.SENT}, 60)

    async def filled(self, n: int, colour: str, **values: str) -> dict[str, Any]:
        """What a lead's client sends of the report form, filled in."""
        client = self.client(n)
        [prompt] = client.inbox()
        await client.press(prompt, action="report.open")
        await client.fill("Overall status", colour)
        return client.sending(Headline=f"As it is with {n}.", **values)

    def reported(self, n: int) -> bool:
        """Whether a lead's report is stored."""
        return self.revision(n) > 0

    def taken(self, alert: str) -> bool:
        """Whether it is stored that somebody has taken an alert on."""
        return f"alert:{alert}" in self.deeds("alert.acknowledged")


@pytest.fixture
def starting() -> Starting:
    """What the fixtures `machine` and `shared` start."""
    return _machine


@asynccontextmanager
async def _machine(folder: Path, url: str) -> AsyncIterator[Machine]:
    async with FakeTeams(rates=False) as teams:
        machine = Machine(teams, folder, url)
        try:
            yield machine
        finally:
            await machine.gone()


# ---------------------------------------------------------------- prompts


async def test_a_kill_in_the_middle_of_a_fan_out(machine: Machine) -> None:
    faults = machine.teams.faults
    faults.add("send", "slow", times=ANSWERED, seconds=0.0)
    faults.add("send", "slow_after", times=UNHEARD, seconds=NEVER)
    faults.add("send", "slow", times=COMING, seconds=3.0)
    lost = faults.add("send", "slow", times=None, seconds=NEVER)
    await machine.boot()
    await machine.until(lambda: lost.hits > 0 and len(machine.leads_in(DeliveryState.SENT)) == ANSWERED)
    await machine.kill()
    faults.clear()
    asked = [int(call.conversation.removeprefix("a:1chat")) for call in machine.teams.of("send")]
    there = set(asked[: ANSWERED + UNHEARD + COMING])
    held, untouched = (machine.leads_in(state) for state in (DeliveryState.SENDING, DeliveryState.PLANNED))
    assert set(asked[ANSWERED:]) <= held
    assert untouched
    assert not any(machine.counts()[n] for n in untouched)

    await machine.boot()
    await machine.until(lambda: all(unsure(one) or one.state is DeliveryState.SENT for one in machine.deliveries()), 60)
    # Whoever surely had none has one; what may have arrived was left alone, also what arrived after the kill.
    assert machine.counts() == [int(n in there | untouched) for n in EVERYBODY]
    assert {machine.lead_of(one) for one in machine.deliveries() if unsure(one)} == held

    await machine.stop()
    await machine.boot(now=LATER)
    await machine.until(lambda: bool(machine.channel("pmo")))
    await _settled_by_petra(machine, held)
    assert machine.counts() == ONCE
    assert len(machine.channel("pmo")) == 1
    assert not machine.teams.refusals
    assert len(machine.deeds("delivery.arrived")) == UNHEARD + COMING
    assert machine.chain_holds()


async def test_a_stop_in_the_middle_of_a_fan_out_leaves_nothing_in_doubt(machine: Machine) -> None:
    machine.teams.faults.add("send", "slow", times=None, seconds=0.5)
    await machine.boot()
    await machine.until(lambda: any(machine.counts()))
    await machine.stop()
    assert machine.states() == {DeliveryState.SENT, DeliveryState.PLANNED}
    assert {n for n in EVERYBODY if machine.counts()[n]} == machine.leads_in(DeliveryState.SENT)
    machine.teams.faults.clear()
    await machine.boot()
    await machine.everybody_asked()
    assert machine.counts() == ONCE


async def _settled_by_petra(machine: Machine, held: set[int]) -> None:
    """She looks at each that is in doubt and says what she finds; an impatient finger presses twice."""
    [notice] = machine.channel("pmo")
    assert all(f"Lead {n}" in notice.text for n in held)
    petra = machine.client(PMO)
    doubtful = [delivery for delivery in machine.deliveries() if unsure(delivery)]
    for delivery in doubtful:
        label = "It arrived" if machine.counts()[machine.lead_of(delivery)] else "Send again"
        for _ in range(2):
            await petra.press(notice, label, value=str(delivery.id))
    assert Counter(button.label for button in notice.buttons) == {
        "Send again": len(held), "It arrived": len(held),
    }  # fmt: skip
    await machine.until(lambda: machine.states() == {DeliveryState.SENT})


# ---------------------------------------------------------------- forms and buttons

Done = Callable[[], bool]
Instant = Callable[[Machine, Done], Awaitable[None]]


async def before_the_commit(machine: Machine, _done: Done) -> None:
    """Somebody else writes all the while: however far the process has come, it has not committed."""
    with machine.store.begin():
        await asyncio.sleep(0.3)
        await machine.kill()


async def somewhere(machine: Machine, _done: Done) -> None:
    await asyncio.sleep(0.015)
    await machine.kill()


async def right_after_the_commit(machine: Machine, done: Done) -> None:
    await machine.until(done)
    await machine.kill()


INSTANTS: tuple[Instant, ...] = (before_the_commit, somewhere, right_after_the_commit)


async def killed(machine: Machine, request: Coroutine[Any, Any, Any], instant: Instant, done: Done) -> None:
    """Kill the process after a request was sent to it; what it still answered is done, whenever it was."""
    sending = asyncio.create_task(request)
    await instant(machine, done)
    try:
        await sending
    except aiohttp.ClientError:
        answered = False
    else:
        answered = True
    assert done() or not answered
    if instant is not somewhere:
        assert done() is (instant is right_after_the_commit)


async def test_a_kill_between_a_submit_and_its_answer(machine: Machine) -> None:
    await machine.boot()
    await machine.everybody_asked()
    for n, instant in enumerate(INSTANTS):
        client, data = machine.client(n), await machine.filled(n, "Green")
        await killed(machine, client.submit(data), instant, partial(machine.reported, n))
        await machine.boot()
        # The dialog is still open with what was typed. Sent again it is the report, once; and so it is once more.
        assert [await client.submit(data) for _ in range(2)] == [{}, {}]
        assert machine.revision(n) == 1
    assert machine.deeds("report.recorded") == [f"project:P{n}" for n in range(len(INSTANTS))]
    assert machine.counts() == ONCE
    assert machine.chain_holds()


async def test_a_kill_between_a_button_and_its_answer(machine: Machine) -> None:
    await machine.boot()
    await machine.everybody_asked()
    for n in range(len(INSTANTS)):
        assert await machine.client(n).submit(await machine.filled(n, "Red", **RED)) == {}
    await machine.until(lambda: len(machine.channel("alerts")) == len(INSTANTS))
    await machine.until(lambda: machine.states("alert:") == {DeliveryState.SENT})
    petra, alerts = machine.client(PMO), machine.channel("alerts")
    for alert, instant in zip(alerts, INSTANTS, strict=True):
        taken = partial(machine.taken, next(one.value for one in alert.buttons if one.action == "alert.ack"))
        await killed(machine, petra.press(alert, action="alert.ack"), instant, taken)
        await machine.boot()
        for _ in range(2):
            await petra.press(alert, action="alert.ack")
        assert taken()
    await machine.until(lambda: all("has this since" in alert.text for alert in machine.channel("alerts")))
    assert [alert.text.count("has this since") for alert in machine.channel("alerts")] == [1] * len(INSTANTS)
    assert len(machine.deeds("alert.acknowledged")) == len(set(machine.deeds("alert.acknowledged"))) == len(INSTANTS)
    assert machine.chain_holds()


# ---------------------------------------------------------------- twice at once

WAYS = ("task/submit", "composeExtension/submitAction")


async def test_a_submit_delivered_twice_at_once(machine: Machine) -> None:
    await machine.boot()
    await machine.everybody_asked()
    for n, way in enumerate(WAYS):
        await _twice(machine, n, way, (machine.address, machine.address))


async def test_a_submit_delivered_to_two_processes_at_once(shared: Machine) -> None:
    await shared.boot()
    first = shared.address
    await shared.boot()
    await shared.everybody_asked()
    for n, way in enumerate(WAYS):
        await _twice(shared, n, way, (first, shared.address))


async def _twice(machine: Machine, n: int, way: str, addresses: tuple[str, str]) -> None:
    """As the client repeats what takes it too long: the second comes while the first is still under way."""
    data = await machine.filled(n, "Green")
    with machine.store.begin():
        both = [asyncio.create_task(machine.client(n, address).submit(data, way)) for address in addresses]
        await asyncio.sleep(0.3)
        assert not any(one.done() for one in both)
    assert await asyncio.gather(*both) == [{}, {}]
    assert machine.revision(n) == 1
    assert machine.deeds("report.recorded").count(f"project:P{n}") == 1
    assert machine.chain_holds()
