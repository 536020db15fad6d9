"""A PostgreSQL server of one's own, to be stopped and started in the middle of things."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Server:
    """A server on a free port of the loopback, in a folder of its own.

    It refuses to run as root, so root starts it as the user `postgres`.
    """

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._bin = binaries
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql://rollcall@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-U", "rollcall", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self._folder}"
        self._run("pg_ctl", "-l", str(self._folder / "log"), "-w", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` sends everybody away, `immediate` is like a power cut."""
        self._run("pg_ctl", "-m", mode, "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._folder / "data"), *arguments]
        user = "postgres" if os.getuid() == 0 else None
        # Its output must not be a pipe, which the server would keep open.
        subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def own_server() -> Iterator[Server]:
    """A running server, gone afterwards; skips the test where there is none to start."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if os.name == "posix" else []
    if not found:
        pytest.skip("PostgreSQL is not tested: no server is installed")
    # Not a folder of the test's own: the user `postgres` could not enter it, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="rollcall-pg.", dir="/tmp"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        server = Server(found[-1].parent, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
