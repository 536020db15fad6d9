"""Other programs as children of a benchmark: started, listened to, stopped."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from benchmarks.load import SECRET
from benchmarks.world import SHIPPED

ROOT = SHIPPED.parent


class Process:
    """A Python program; `async with` starts it and stops it."""

    def __init__(
        self, *arguments: str, env: Mapping[str, str] | None = None, log: Path | None = None, listening: bool = False
    ) -> None:
        """`log` takes what it writes to its standard error; one that is `listening` has a standard input of its own."""
        self._listening = listening
        self._arguments = arguments
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", "SLACK_SIGNING_SECRET": SECRET, **(env or {})}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.started = 0.0

    async def __aenter__(self) -> Self:
        with (self._log or Path(os.devnull)).open("ab") as log:
            self.started = time.perf_counter()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._arguments, env=self._env, cwd=ROOT, stdout=asyncio.subprocess.PIPE,
                stdin=asyncio.subprocess.PIPE if self._listening else None, limit=2**24,
                stderr=log if self._log else None,
            )  # fmt: skip
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        process = self.process
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                await process.wait()

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The child."""
        assert self._process is not None
        return self._process

    async def line(self) -> str:
        """The next line that it prints.

        Raises:
            RuntimeError: it ended instead.
        """
        assert self.process.stdout is not None
        text = (await self.process.stdout.readline()).decode().strip()
        if not text:
            raise RuntimeError(f"{' '.join(self._arguments)} ended without a word")
        return text

    def resident(self) -> float:
        """Its resident memory in MB, as Linux counts it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def processor(self) -> float:
        """Seconds of the processor that it has used, as Linux counts them."""
        # proc(5): the name may hold spaces; after it, fields 14 and 15 are the times in user and in kernel mode.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class rollcall(Process):  # noqa: N801 - reads as the command it is
    """`rollcall run`, ready when the block begins.

    Args:
        program: how Python is told to be `rollcall`.

    Attributes:
        ready_after: seconds from its start until it said that it was ready.
    """

    def __init__(self, env: Mapping[str, str], *arguments: str, program: Sequence[str] = ("-m", "bot")) -> None:
        self._port = free_port()
        env = {**env, "PORT": str(self._port)}
        super().__init__(*program, "run", *arguments, env=env, log=Path(env["ROLLCALL_DATA"]) / "rollcall.log")
        self.ready_after = 0.0

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        async with aiohttp.ClientSession() as session:
            while not await self._ready(session):
                if self.process.returncode is not None:
                    raise RuntimeError(f"rollcall run ended: see {self._log}")
                await asyncio.sleep(0.005)
        self.ready_after = time.perf_counter() - self.started
        return self

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.address}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def free_port() -> int:
    """A port that nothing listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, api_url: str, mode: str, config: Path = SHIPPED) -> dict[str, str]:
    """The settings of a bot that works with the local stand-in."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-play",
        "SLACK_APP_TOKEN": "xapp-play",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api_url,
        "SLACK_MODE": mode,
        "ROLLCALL_CONFIG": str(config),
        "ROLLCALL_DATA": str(folder),
    }
