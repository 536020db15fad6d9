"""A real `rollcall run` that can be killed, beside a chat system and a database that outlive it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bot.engine.choice import make_store, prepare
from reporting.ledger import Delivery, DeliveryState
from reporting.model import Identity, Person, Project

ROOT = Path(__file__).parents[2]
NINE = "2026-11-23T09:00:30+01:00"
# The line of the log that says that it has started, and where it listens.
_STARTED = re.compile(rb"started.* health=(\S+)/readyz")


# Opens a machine in a folder, on the database at an address.
Starting = Callable[[Path, str], AbstractAsyncContextManager["Machine"]]


class Machine(ABC):
    """A database, and the processes that come and go on it.

    Attributes:
        address: where the process that was started last listens.
        said: its log until then.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.address = ""
        self.said = b""
        prepare(url)
        self.store = make_store(url)
        self._processes: list[tuple[asyncio.subprocess.Process, asyncio.Task[bytes]]] = []

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """How a process reaches the chat system, and where its policy is."""

    # ------------------------------------------------------------ processes

    async def boot(self, command: str = "run", now: str | None = NINE) -> asyncio.subprocess.Process:
        """Start `rollcall run` and wait until it says so."""
        common = {
            "PATH": os.environ["PATH"], "ROLLCALL_CONFIG": str(ROOT / "app.yaml"), "ROLLCALL_DATA": str(self.folder),
            "ROLLCALL_DATABASE_URL": self.url, "PORT": "0",
        }  # fmt: skip
        line = [sys.executable, "-m", "bot", command, *(["--now", now] if now else [])]
        process = await asyncio.create_subprocess_exec(
            *line, env={**common, **self.environment()}, cwd=ROOT, stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        assert process.stderr is not None
        self.said = b""
        async with asyncio.timeout(60):
            while (found := _STARTED.search(self.said)) is None:
                line_read = await process.stderr.readline()
                assert line_read, self.said.decode()
                self.said += line_read
        self.address = found[1].decode()
        self._processes.append((process, asyncio.create_task(process.stderr.read())))
        return process

    async def kill(self) -> None:
        """As if the power had gone, for whoever runs."""
        for process, _ in self._processes:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
        await self._ended()

    async def stop(self, within: float = 15) -> None:
        """As an operator stops it. `stop_within` is ten seconds, and what is in hand takes far less."""
        for process, _ in self._processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), within) == 0
        await self._ended()

    async def gone(self) -> None:
        """Whatever runs is killed, and the database let go."""
        await self.kill()
        self.store.dispose()

    async def _ended(self) -> None:
        for process, draining in self._processes:
            await process.wait()
            await draining
        self._processes.clear()

    async def until(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something that is seen in the database or at the chat system."""
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.002)

    # ------------------------------------------------------------ the database

    def register(self, leads: range, account: Callable[[int], Identity]) -> None:
        """So many leads with a project each."""
        with self.store.begin() as uow:
            portfolio = uow.projects.add_portfolio("imaging", "Imaging")
            for n in leads:
                lead = Person(0, f"Lead {n}", f"lead{n}@labs.example", "Europe/Berlin", identities=(account(n),))
                lead_id = uow.people.add(lead).id
                uow.projects.add(Project(0, f"P{n}", f"Project {n}", portfolio.id, lead_id=lead_id))

    def revision(self, n: int) -> int:
        """Of a lead's report in the newest period; 0 for none."""
        with self.store.read() as uow:
            project = uow.projects.by_key(f"P{n}")
            assert project is not None
            standing = uow.board.get(project.id)
            assert standing is not None
            report = uow.reports.current(project.id, standing.period_id)
        return report.revision if report else 0

    def deliveries(self, prefix: str = "prompt:") -> list[Delivery]:
        """All that were planned under a prefix of keys, edits of them too."""
        with self.store.read() as uow:
            return uow.deliveries.with_prefix(prefix)

    def states(self, prefix: str = "prompt:") -> set[DeliveryState]:
        """In which states they are."""
        return {delivery.state for delivery in self.deliveries(prefix)}

    def deeds(self, action: str) -> list[str]:
        """What the audit trail says was done so, by its subjects."""
        with self.store.read() as uow:
            return [event.subject for event in uow.audit.events(limit=10_000) if event.action == action]

    def chain_holds(self) -> bool:
        """Whether the audit trail is whole."""
        with self.store.read() as uow:
            return uow.audit.verify() == []
