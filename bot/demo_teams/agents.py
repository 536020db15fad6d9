"""Installs the Agents Playground into a folder of its own and runs it, on this machine alone and without telemetry."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import IO, Any, Final

import yaml

from bot.demo_teams.people import PERSONAL_CHAT

_PACKAGE: Final = "node_modules/@microsoft/m365agentsplayground/cli.js"
# The official renderer of cards, for dialogs; the playground has none.
RENDERER: Final = "node_modules/adaptivecards/dist/adaptivecards.min.js"
_OURS: Final = ("package.json", "package-lock.json", "loopback.cjs")
_INSTALL_SECONDS: Final = 300
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 10


class NoPlayground(Exception):
    """The playground cannot be installed or started; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Playground:
    """A playground that runs.

    Attributes:
        url: of its page, and of what it offers bots.
    """

    url: str

    @property
    def service_url(self) -> str:
        """Where bots are told to call it."""
        return f"{self.url}/_connector"


def installed(folder: Path) -> Path:
    """The folder with the playground in it, installed on the first call, exactly as it was locked.

    Raises:
        NoPlayground: there is no Node, or the package cannot be had.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NoPlayground(f"{program} is not on the path. Install Node 20 or newer, with npm.")
    # It is run from within, where a relative path would be another one.
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = _copied(folder)
    if fresh or not (folder / _PACKAGE).exists() or not (folder / RENDERER).exists():
        _npm(folder)
    return folder


def _copied(folder: Path) -> bool:
    """Whether one of our files in the folder had to be made or changed."""
    changed = False
    for name in _OURS:
        with as_file(files("bot.demo_teams") / name) as source:
            content = source.read_bytes()
        target = folder / name
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
            changed = True
    return changed


def _npm(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--omit=peer", "--no-audit", "--no-fund", "--silent"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
    except subprocess.CalledProcessError as error:
        raise NoPlayground(f"npm could not install the playground: {(error.stderr or '').strip()[-300:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPlayground(f"npm could not install the playground: {error}") from error


@contextmanager
def running(
    folder: Path,
    port: int,
    endpoint: str,
    configuration: Mapping[str, Any],
    zone: str,
    service_url: str | None = None,
    work: Path | None = None,
) -> Iterator[Playground]:
    """The playground, ready, until the end of the block.

    Args:
        folder: as `installed` made it.
        endpoint: where the bot takes activities.
        configuration: tenant, people, team (`people.configuration`).
        zone: IANA time zone of the person whom the page shows.
        service_url: where bots are told to call it; itself when None.
        work: where its configuration and logs are written; in `folder` when None.

    Raises:
        NoPlayground: it ended, or was not ready in time.
    """
    work = work or folder
    config = work / "company.yml"
    config.write_text(yaml.safe_dump(dict(configuration), sort_keys=False, allow_unicode=True), "utf-8")
    command = ["node", "--require", str(folder / "loopback.cjs"), str(folder / _PACKAGE), "start",
               "--app-endpoint", endpoint, "--channel-id", "msteams", "--port", str(port),
               "--conversation-id", PERSONAL_CHAT, "--service-url", service_url or f"http://127.0.0.1:{port}/_connector",
               "--disable-telemetry"]  # fmt: skip
    own = {"TEAMSAPPTESTER_BROWSER": "none", "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(config), "TZ": zone,
           "M365_AGENTS_PLAYGROUND_LOGFILE": str(work / "playground.log"), "LANG": "en_GB.UTF-8"}  # fmt: skip
    with (work / "output.log").open("w+b") as output:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | own, stdout=output, stderr=output)
        try:
            url = f"http://127.0.0.1:{port}"
            _ready(url, process, output)
            yield Playground(url)
        finally:
            _stopped(process)


def _ready(url: str, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            output.seek(0)
            raise NoPlayground(f"the playground ended: {output.read()[-300:].decode(errors='replace').strip()}")
        try:
            with urllib.request.urlopen(f"{url}/_debug/ping", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise NoPlayground(f"the playground did not answer at {url} within {_START_SECONDS} seconds; is the port taken?")


def _stopped(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
