"""The product's processes as the campaign knows them: started, killed, frozen, thawed, started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.processes import ROOT
from benchmarks.torture.nursery import is_child, state_of
from benchmarks.torture.snares import LONGER
from bot.config.settings import EngineSettings

_LOOK = 0.05
# A process that ends by itself (the chat or the database was away while it started) is started again after so long.
_AGAIN = 0.5


@dataclass(frozen=True, slots=True)
class Freeze:
    """A process stood still.

    Attributes:
        who: the process, as in the chat's record.
        since: seconds since 1970, as everything here.
        until: when it went on, or was killed.
        snared: whether it was about to check once more whether it may send; then no double is excused by it.
    """

    who: str
    since: float
    until: float
    snared: bool = False


@dataclass
class Member:
    """One place in the fleet; whoever fills it has a name of its own, `name` and a number."""

    name: str
    args: tuple[str, ...]
    port: int
    born: int = 0
    pid: int = 0
    since: float = 0.0
    frozen_since: float = 0.0
    snared: bool = False

    @property
    def who(self) -> str:
        """The process that fills it now."""
        return f"{self.name}.{self.born}"


@dataclass
class Fleet:
    """All processes of the product.

    Args:
        roles: the arguments of each process.
        env: what all of them have in their environment.
        folder: for their logs.
        without: protections that are off.
        tempo: a factor on the time limits of requests.

    Attributes:
        freezes: every time that a process stood still.
        snared_for: seconds for which who walks into a snare stands still.
        starts: how many processes were started.
        kills: how many were killed.
    """

    roles: Sequence[tuple[str, ...]]
    env: dict[str, str]
    folder: Path
    without: Sequence[str] = ()
    tempo: float = 1.0
    freezes: list[Freeze] = field(default_factory=list)
    starts: int = 0
    kills: int = 0

    def __post_init__(self) -> None:
        """Give each its port."""
        self.members = [Member(f"{role[0]}{n}", role, _free_port()) for n, role in enumerate(self.roles, 1)]
        self._open = True
        self.snared_for = LONGER * EngineSettings().holds[0] * self.tempo
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Import the product, then start everybody."""
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.torture.nursery", str(self.tempo), *self.without, cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        await self._line()
        for member in self.members:
            await self._start(member)
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Nobody is left behind: the nursery kills all its children when its input ends."""
        self._open = False
        self._keeper.cancel()
        await asyncio.wait([self._keeper])
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        await self._nursery.wait()

    def alive(self, member: Member) -> bool:
        """Whether a process fills this place."""
        return member.pid != 0 and is_child(member.pid, self._nursery.pid)

    def kill(self, member: Member) -> bool:
        """kill -9; False when there is nobody to kill. It is replaced at once."""
        if not self._signal(member, signal.SIGKILL):
            return False
        self._thawed(member)
        self.kills += 1
        return True

    def freeze(self, member: Member) -> bool:
        """Let it stand still."""
        if member.frozen_since or self._stands_still(member):
            return False
        # Noted before, so that what it does at that moment counts as being done while it was frozen.
        at = time.time()
        if not self._signal(member, signal.SIGSTOP):
            return False
        member.frozen_since = at
        return True

    def thaw(self, member: Member, who: str) -> None:
        """Let it go on, unless it was killed meanwhile."""
        if member.who == who and member.frozen_since and self._signal(member, signal.SIGCONT):
            self._thawed(member)

    def snare(self, member: Member, alone: bool) -> bool:
        """Let its next attempt stand still at a bad moment: with the whole process, or alone."""
        return not member.frozen_since and self._signal(member, signal.SIGUSR2 if alone else signal.SIGUSR1)

    def _stands_still(self, member: Member) -> bool:
        return member.pid != 0 and state_of(member.pid, self._nursery.pid) == "T"

    def _watch(self, member: Member) -> None:
        """Note whoever has walked into a snare, and let it go on once others have taken over."""
        if not member.frozen_since and self._stands_still(member):
            member.frozen_since, member.snared = time.time(), True
        elif member.snared and time.time() - member.frozen_since > self.snared_for:
            self.thaw(member, member.who)

    def _thawed(self, member: Member) -> None:
        if member.frozen_since:
            self.freezes.append(Freeze(member.who, member.frozen_since, time.time(), member.snared))
            member.frozen_since, member.snared = 0.0, False

    def _signal(self, member: Member, number: signal.Signals) -> bool:
        if not self.alive(member):
            return False
        os.kill(member.pid, number)
        return True

    async def _keep(self) -> None:
        """Fill every empty place."""
        while self._open:
            for member in self.members:
                self._watch(member)
                if not self.alive(member) and time.time() - member.since > _AGAIN:
                    await self._start(member)
            await asyncio.sleep(_LOOK)

    async def _start(self, member: Member) -> None:
        member.born += 1
        member.frozen_since, member.snared = 0.0, False
        self.starts += 1
        env = {**self.env, "SLACK_BOT_TOKEN": f"xoxb-{member.who}", "PORT": str(member.port)}
        order = {"args": member.args, "env": env, "log": str(self.folder / f"{member.name}.log")}
        async with self._starting:
            assert self._nursery.stdin is not None
            self._nursery.stdin.write(json.dumps(order).encode() + b"\n")
            await self._nursery.stdin.drain()
            member.pid = int(await self._line())
        member.since = time.time()

    async def _line(self) -> str:
        assert self._nursery.stdout is not None
        line = (await self._nursery.stdout.readline()).decode().strip()
        if not line:
            raise RuntimeError("the process that starts the others has ended")
        return line


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
