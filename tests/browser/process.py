"""`rollcall demo` as a process of its own, as a newcomer starts it."""

import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
READY = "Rollcall is ready"
_START, _STOP = 60.0, 20.0


class DemoProcess:
    """The demo on a free loopback port.

    Args:
        log: where the process writes its errors.
        options: further options of the command.
        command: the command itself.
    """

    def __init__(self, log: Path, *options: str, command: str = "demo") -> None:
        self.log = log
        self.command = command
        self.options = options
        self.url = ""

    def __enter__(self) -> Self:
        port = _free_port()
        command = [sys.executable, "-m", "bot", self.command, "--port", str(port), *self.options]
        with self.log.open("w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        if not self._says_ready():
            self.process.kill()
            raise AssertionError(f"the demo did not start: {self.log.read_text('utf-8')}")
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(_STOP)
        finally:
            self.process.kill()

    def _says_ready(self) -> bool:
        assert self.process.stdout is not None
        watchdog = threading.Timer(_START, self.process.kill)
        watchdog.start()
        try:
            return any(READY in line for line in iter(self.process.stdout.readline, ""))
        finally:
            watchdog.cancel()

    def refused(self) -> list[Any]:
        """What the bot has sent and Slack would have refused."""
        with urllib.request.urlopen(f"{self.url}/ui/refusals", timeout=20) as answer:
            return list(json.load(answer)["refusals"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
