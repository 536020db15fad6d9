"""A real process is killed in the middle of things: what was acknowledged is stored, nothing is sent twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from playground import App, Channel, Command, Playground, RateLimits, SimClock, User, Workspace
from playground import Person as Client
from reporting.ledger import DeliveryState
from reporting.model import Identity
from tests.scenarios import machine as machines
from tests.scenarios.machine import Starting
from tests.support.world import MONDAY

LEADS = 6

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SKIPPED: there is no SIGKILL on Windows")


class Machine(machines.Machine):
    """A workspace that outlives the bot's processes, and the database they share."""

    def __init__(self, playground: Playground, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        self.playground = playground
        team = playground.workspace.team_id
        self.register(range(1, LEADS + 1), lambda n: Identity("slack", team, f"U{n}"))

    def environment(self) -> Mapping[str, str]:
        app = self.playground.workspace.app
        return {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "SLACK_API_URL": self.playground.api_url,
        }

    def count(self, n: int) -> int:
        return len(self.playground.person(f"U{n}").messages())

    async def everybody_asked(self) -> None:
        """Until each lead has been asked, and a little longer for what would come twice."""
        await self.playground.until(lambda: all(self.count(n) for n in range(1, LEADS + 1)), 40)
        await asyncio.sleep(1.0)


@pytest.fixture
def starting() -> Starting:
    """What the fixtures `machine` and `shared` start."""
    return _machine


@asynccontextmanager
async def _machine(folder: Path, url: str) -> AsyncIterator[Machine]:
    users = [User(f"U{n}", f"lead{n}", f"Lead {n}", tz="Europe/Berlin", email=f"lead{n}@labs.example")
             for n in range(1, LEADS + 1)]  # fmt: skip
    channels = [Channel(f"C{n}", name) for n, name in enumerate(("leadership", "alerts", "pmo"))]
    app = App(commands=(Command("/rag"),))
    space = Workspace.create(users=users, channels=channels, app=app, clock=SimClock(MONDAY))
    async with Playground(space, rate_limits=RateLimits(enabled=False)) as playground:
        machine = Machine(playground, folder, url)
        try:
            yield machine
        finally:
            await machine.gone()


async def test_a_kill_in_the_middle_of_a_fan_out(machine: Machine) -> None:
    machine.playground.faults.add("chat.postMessage", "slow", times=None, seconds=0.15)
    await machine.boot()
    await machine.playground.until(lambda: sum(machine.count(n) for n in range(1, LEADS + 1)) >= 3, 30)
    await machine.kill()
    assert sum(machine.count(n) for n in range(1, LEADS + 1)) < LEADS
    await machine.boot()
    await machine.everybody_asked()
    assert [machine.count(n) for n in range(1, LEADS + 1)] == [1] * LEADS
    await machine.playground.until(lambda: machine.states() == {DeliveryState.SENT}, 20)
    assert not machine.playground.refusals


async def test_a_kill_between_sending_a_form_and_its_acknowledgement(machine: Machine) -> None:
    await machine.boot()
    await machine.everybody_asked()
    for lead, pause in enumerate((0.004, 0.02), 1):
        person = await _form_open(machine, lead)
        values = {"Overall status": "Green", "Headline": f"Fine, says {lead}."}
        sending = asyncio.create_task(person.submit(None, values))
        await asyncio.sleep(pause)
        await machine.kill()
        acknowledged = (await sending).ok
        stored = machine.revision(lead)
        assert stored == 1 or not acknowledged
        await machine.boot()
        if not acknowledged:
            # The form is still open with what was typed: sent again it becomes the report, once.
            await person.submit()
        assert machine.revision(lead) == 1
    await asyncio.sleep(1.0)
    assert [machine.count(n) for n in range(1, LEADS + 1)] == [1] * LEADS
    with machine.store.read() as uow:
        assert uow.audit.verify() == []


async def test_a_stop_in_the_middle_of_a_fan_out_ends_what_is_in_hand(machine: Machine) -> None:
    machine.playground.faults.add("chat.postMessage", "slow", times=None, seconds=0.5)
    await machine.boot()
    await machine.playground.until(lambda: sum(machine.count(n) for n in range(1, LEADS + 1)) >= 2, 30)
    await machine.stop()
    assert machine.states() <= {DeliveryState.SENT, DeliveryState.PLANNED}
    await machine.boot()
    await machine.everybody_asked()
    assert [machine.count(n) for n in range(1, LEADS + 1)] == [1] * LEADS


async def test_a_frozen_sender_neither_loses_nor_doubles(shared: Machine) -> None:
    """Twelve seconds are longer than it takes the others to think it gone."""
    shared.playground.faults.add("chat.postMessage", "slow", times=None, seconds=0.2)
    first = await shared.boot()
    await shared.playground.until(lambda: sum(shared.count(n) for n in range(1, LEADS + 1)) >= 1, 30)
    first.send_signal(signal.SIGSTOP)
    try:
        second = await shared.boot()
        await asyncio.sleep(12)
    finally:
        first.send_signal(signal.SIGCONT)
    try:
        await shared.everybody_asked()
        await shared.playground.until(lambda: shared.states() == {DeliveryState.SENT}, 60)
        await asyncio.sleep(2)
        assert [shared.count(n) for n in range(1, LEADS + 1)] == [1] * LEADS
        assert second.returncode is None
        assert first.returncode is None
    finally:
        first.kill()
        await first.wait()


async def _form_open(machine: Machine, n: int) -> Client:
    """A lead who has pressed Report."""
    person = machine.playground.person(f"U{n}")
    [message] = person.messages()
    await person.click(None, message.ts, "Report")
    await machine.playground.until(lambda: person.modals() and person.modal()["callback_id"] == "report", 10)
    return person


async def test_a_start_waits_for_whoever_holds_the_database(machine: Machine) -> None:
    """Another process that stands still in the middle of writing, say."""
    with machine.store.begin() as uow:

        def waited() -> bool:
            # PostgreSQL ends a transaction in which nothing happens for long.
            uow.notes.get("held")
            return b"database_busy" in machine.said

        starting = asyncio.create_task(machine.boot())
        await machine.until(lambda: waited() or starting.done(), 40)
        assert not starting.done()
    await starting
    await machine.everybody_asked()
    assert [machine.count(n) for n in range(1, LEADS + 1)] == [1] * LEADS
