"""A process of its own that runs jobs and writes down what it does, to be killed, frozen and joined by others.

`python -m tests.engine.crew URL LOG CONCURRENCY`: every job `work(n, seconds)` is a line "begin n" and a line "end n".
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bot.engine.choice import make_engine, make_store
from bot.engine.clock import SystemClock

ROOT = Path(__file__).parents[2]


class Crew:
    """Processes on one database, and their common log."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.log = folder / "crew.log"
        self.log.touch()
        self.processes: list[subprocess.Popen[bytes]] = []

    def hire(self, concurrency: int = 4) -> subprocess.Popen[bytes]:
        """Start a process and wait until it runs."""
        before = self.lines().count("up")
        command = [sys.executable, "-m", "tests.engine.crew", self.url, str(self.log), str(concurrency)]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        self.until(lambda: self.lines().count("up") > before)
        return process

    def lines(self) -> list[str]:
        """What was done so far, in order."""
        return self.log.read_text("ascii").splitlines()

    def times(self, what: str) -> Counter[int]:
        """How often each job has begun, or ended."""
        return Counter(int(line.split()[1]) for line in self.lines() if line.startswith(what))

    def until(self, done: Callable[[], bool], seconds: float = 40.0) -> None:
        """Wait for something."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, self.lines()[-20:]
            time.sleep(0.02)

    def dismiss(self) -> None:
        """Kill whoever is left."""
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
            process.wait()


async def _main(url: str, log: str, concurrency: int) -> None:
    def say(line: str) -> None:
        with Path(log).open("a", encoding="ascii") as file:
            file.write(line + "\n")

    async def work(n: int, seconds: float = 0.0) -> None:
        say(f"begin {n}")
        await asyncio.sleep(seconds)
        say(f"end {n}")

    store = make_store(url)
    engine = make_engine(store, SystemClock(), concurrency=concurrency)
    engine.handle("work", work)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    pump = asyncio.create_task(engine.run())
    say("up")
    await told.wait()
    await engine.stop(5.0)
    await pump
    store.dispose()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
