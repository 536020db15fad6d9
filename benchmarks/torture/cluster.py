"""A PostgreSQL of the campaign's own: its own folder and port, restarted at will, gone afterwards."""

from __future__ import annotations

import asyncio
import os
import pwd
import random
import shutil
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

_PLACES = Path("/usr/lib/postgresql")


class NoServer(Exception):
    """There is no PostgreSQL to start."""


def programs() -> Path:
    """Where the newest server's programs are.

    Raises:
        NoServer: nowhere, or root has nobody to run it as.
    """
    found = sorted(_PLACES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].partition(".")[0]))
    if not found:
        raise NoServer(f"there is no PostgreSQL server below {_PLACES}")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            raise NoServer("PostgreSQL does not run as root, and there is no user postgres") from None
    return found[-1].parent


class Cluster:
    """A server on the loopback; `async with` makes, starts and removes it.

    Attributes:
        url: of an empty database.
    """

    def __init__(self) -> None:
        """Of the newest server there is."""
        self._bin = programs()
        self._user = "postgres" if os.geteuid() == 0 else None
        self.url = ""
        self.restarts = 0

    async def __aenter__(self) -> Self:
        """Make and start it."""
        # Short: the path of a socket may have 107 letters.
        self._folder = Path(tempfile.mkdtemp(prefix="rollcall-torture.", dir="/tmp"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._port = _free_port()
        data = str(self._folder / "data")
        await self._run("initdb", "-D", data, "-U", "rollcall", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        await self._ctl("start", *self._options())
        self.url = f"postgresql://rollcall@127.0.0.1:{self._port}/postgres"
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop and remove it."""
        try:
            await self._ctl("stop", "-m", "immediate")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def restart(self, mode: str) -> None:
        """Restart it: `immediate` as after a crash, `fast` as an administrator would."""
        self.restarts += 1
        await self._ctl("restart", "-m", mode, *self._options())

    def _options(self) -> tuple[str, ...]:
        # Without fsync: only processes are killed here, never the machine.
        return ("-o", f"-h 127.0.0.1 -p {self._port} -k {self._folder} -F", "-l", str(self._folder / "log"))

    async def _ctl(self, *arguments: str) -> None:
        await self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", *arguments)

    async def _run(self, program: str, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            str(self._bin / program), *arguments, cwd="/", user=self._user, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        code = await process.wait()
        if code != 0:
            raise RuntimeError(f"{program} {arguments[-1]} failed ({code})")


def _free_port() -> int:
    """A free port that the system gives to nobody by itself: a client's connection must not take it at a restart."""
    for port in random.sample(range(20_000, 30_000), 1_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 20,000 and 30,000")
