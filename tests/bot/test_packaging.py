"""The files that others start the product with say nothing that it does not know."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.main import main
from bot.config.environment import NAMES
from bot.config.models import EnginePart

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
UNIT = ROOT / "deploy" / "rollcall.service"
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
# With the lines that are for Microsoft Teams.
COMPOSE_TEAMS = yaml.safe_load(re.sub(r"(?m)^( +)#(?! )", r"\1", COMPOSE_TEXT))
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "rollcall"}
# Python's own, and where programs are looked for.
FOREIGN = {"PATH", "PYTHONUNBUFFERED"}


def commands() -> set[str]:
    return set(main.list_commands(None))  # type: ignore[arg-type]


def instructions() -> list[tuple[str, str]]:
    """Dockerfile instructions with continued lines joined, without comments."""
    text = re.sub(r"(?m)^#.*\n", "", DOCKERFILE).replace("\\\n", " ")
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in text.splitlines() if line.strip()]


def stop_within() -> float:
    return EnginePart().stop_within.total_seconds()


def test_the_image_is_made_from_the_lock_and_of_all_packages() -> None:
    runs = " ".join(words for name, words in instructions() if name == "RUN")
    assert "--require-hashes -r requirements-server.lock" in runs
    assert "--no-deps" in runs
    copied = {words.split()[0] for name, words in instructions() if name == "COPY" and "--from" not in words}
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    packages = set(re.findall(r'"(\w+)\*"', project.split("[tool.setuptools.packages.find]")[1].split("\n\n")[0]))
    assert packages <= copied
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert {"pyproject.toml", "README.md", "LICENSE", "requirements-server.lock"} | packages == allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_the_image_runs_a_known_command_as_nobody_in_particular() -> None:
    found = dict(instructions())
    assert found["USER"] == "rollcall"
    assert json.loads(found["ENTRYPOINT"]) == ["rollcall"]
    assert set(json.loads(found["CMD"])) <= commands()
    assert "/healthz" in found["HEALTHCHECK"]
    [variables] = [words for name, words in instructions() if name == "ENV"]
    assert {pair.split("=")[0] for pair in variables.split()} <= {*NAMES, *FOREIGN}


def test_the_health_check_is_a_program_that_says_so_when_nobody_answers() -> None:
    [check] = [words.split("CMD", 1)[1] for name, words in instructions() if name == "HEALTHCHECK"]
    command = json.loads(check)
    environment = {"PATH": os.environ["PATH"], "PORT": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Connection refused" in ended.stderr


def test_compose_starts_two_of_each_after_the_tables_are_made() -> None:
    assert {name: service["command"] for name, service in OURS.items()} == {
        "migrate": ["migrate"], "run": ["run"], "worker": ["worker"],
    }  # fmt: skip
    for name in ("run", "worker"):
        assert OURS[name]["deploy"]["replicas"] == 2
        assert OURS[name]["restart"] == "unless-stopped"
        assert OURS[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert float(OURS[name]["stop_grace_period"].rstrip("s")) > 2 * stop_within()
    assert "pg_isready" in COMPOSE["services"]["postgres"]["healthcheck"]["test"]


@pytest.mark.parametrize("compose", [COMPOSE, COMPOSE_TEAMS], ids=["slack", "teams too"])
def test_compose_gives_secrets_as_files_only_and_each_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    assert set().union(*(service["secrets"] for service in services)) == set(compose["secrets"])
    for service in services:
        for name, value in service["environment"].items():
            secret = re.fullmatch("/run/secrets/(.*)", value)
            assert bool(secret) is name.endswith("_FILE")
            assert secret is None or secret[1] in service["secrets"]
    for service in services:
        if service["image"] == "rollcall":
            assert set(service["environment"]) <= set(NAMES)
            assert "/etc/rollcall/app.yaml" in service["volumes"][0]


def test_compose_lets_a_proxy_on_the_machine_reach_each_that_listens_to_teams() -> None:
    assert "ports" not in COMPOSE["services"]["run"]
    run, worker = (COMPOSE_TEAMS["services"][name] for name in ("run", "worker"))
    [(host, first, last, inside)] = re.findall(r"([\d.]+):(\d+)-(\d+):(\d+)", " ".join(run["ports"]))
    assert int(last) - int(first) + 1 == run["deploy"]["replicas"]
    assert (host, "ports" in worker) == ("127.0.0.1", False)
    [variables] = [words for name, words in instructions() if name == "ENV"]
    assert {f"PORT={inside}", "HOST=0.0.0.0"} <= set(variables.split())
    assert {"TEAMS_CLIENT_ID", "TEAMS_TENANT_ID", "TEAMS_CLIENT_SECRET_FILE"} <= set(run["environment"])


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("# "):
            found.setdefault(name.lstrip("#"), []).append(value)
    return found


def test_the_unit_starts_a_known_command_with_known_variables() -> None:
    found = unit()
    [command] = found["ExecStart"]
    assert command.split()[1] in commands()
    variables = dict(value.split("=", 1) for value in found["Environment"])
    assert set(variables) <= set(NAMES)
    credentials = {value.split(":")[0] for value in found["LoadCredential"]}
    assert {value.removeprefix("%d/") for name, value in variables.items() if name.endswith("_FILE")} == credentials
    assert found["Restart"] == ["always"]
    assert float(found["TimeoutStopSec"][0]) > 2 * stop_within()
    state = f"/var/lib/{found['StateDirectory'][0]}"
    assert variables["ROLLCALL_DATA"] == found["WorkingDirectory"][0] == state


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="SKIPPED: systemd is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    program = shutil.which("true")
    assert program is not None
    file = tmp_path / "rollcall.service"
    file.write_text(UNIT.read_text("utf-8").replace("/opt/rollcall/bin/rollcall run", program), "utf-8")
    ended = _systemd("verify", "--man=no", str(file))
    assert (ended.returncode, ended.stderr) == (0, "")


def _systemd(*arguments: str) -> Any:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)
