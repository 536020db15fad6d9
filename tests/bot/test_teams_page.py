"""docs/teams.md names nothing that is not there: variables, options, codes, permissions."""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from bot.cli.looking import manifest
from bot.cli.main import main
from bot.config import environment
from handlers.teams import errors, graph, remedies
from handlers.teams.surface import ACTIONS, NAME, PATH, Surface
from tests.bot.live import SHIPPED

DOCS = SHIPPED.parent / "docs"
PAGE = (DOCS / "teams.md").read_text("utf-8")
SPANS = set(re.findall(r"`([^`\n]+)`", PAGE))
# Of Microsoft, not of ours: what Graph and the login answer.
THEIRS = {"Forbidden", "Authorization_RequestDenied"}
# What the page says to write into app.yaml: before the first start, and when the app is in the channels.
BEGINNING, CHANNELS = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
TOLD = dict(re.findall(r"export (TEAMS_[A-Z_]+)=(\S+)", PAGE))


def test_options_and_address_are_those_of_the_code() -> None:
    command = manifest.commands["teams"]
    options = {name for each in command.params if isinstance(each, click.Option) for name in each.opts}
    assert {span for span in SPANS if span.startswith("--")} - {"--dry-run"} <= options
    wanted = {each.opts[0] for each in command.params if each.required} - {"--client-id"}
    assert all(name in PAGE for name in wanted)
    assert PATH in SPANS
    assert ACTIONS[0].title in PAGE
    assert f"@{NAME} red" in SPANS
    assert Surface().asks_home("home")


def test_variables_are_those_that_are_read() -> None:
    read = set(re.findall(r"TEAMS_[A-Z_]+", inspect.getsource(environment)))
    assert read
    secret = {f"{name}_FILE" for name in read}
    assert set(re.findall(r"TEAMS_[A-Z_]+", PAGE)) <= read | secret


def test_codes_and_permissions_are_those_that_are_known() -> None:
    known = "".join(inspect.getsource(module) for module in (errors, graph, remedies))
    table = PAGE[PAGE.index("## When something is wrong") : PAGE.index("## Other clouds")]
    first = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
    codes = {code for cell in first for code in re.findall(r"`([A-Za-z_]+)`", cell)} - THEIRS
    assert len(codes) > 5
    assert {code for code in codes if code not in known} == set()
    permissions = set(re.findall(r"`([A-Za-z]+\.[A-Za-z]+\.All)`", PAGE))
    assert permissions == set(re.findall(r"`([A-Za-z]+\.[A-Za-z]+\.All)`", graph.__doc__ + inspect.getsource(graph)))


def test_every_link_leads_somewhere() -> None:
    for page in ("teams.md", "parity.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (DOCS / page).read_text("utf-8")):
            assert (DOCS / Path(target)).exists(), (page, target)


def part_of(text: str, key: str) -> str:
    """A key of the top level with all that is under it."""
    found = re.search(rf"(?m)^{key}:.*\n(?: .*\n)*", text)
    assert found, key
    return found[0]


def written(text: str, snippet: str) -> str:
    """A policy with each key of the snippet in place of its own."""
    for key in yaml.safe_load(snippet):
        text = text.replace(part_of(text, key), part_of(snippet, key))
    return text


def checked(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """How `rollcall check` ends with this app.yaml and the environment of the page, and what it says."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "TEAMS_", "ROLLCALL_")):
            monkeypatch.delenv(name)
    secret, policy = folder / "teams-secret", folder / "app.yaml"
    secret.write_text("abc~DEF.1\n")
    policy.write_text(text, "utf-8")
    ours = {"TEAMS_CLIENT_SECRET_FILE": str(secret), "ROLLCALL_CONFIG": str(policy), "ROLLCALL_DATA": str(folder)}
    ended = CliRunner(env=TOLD | ours).invoke(main, ["check"])
    return ended.exit_code, ended.output


def test_what_the_page_says_to_write_has_no_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = written(SHIPPED.read_text("utf-8"), BEGINNING)
    [link] = re.findall(r"^pmo_channel: (.+)$", BEGINNING, re.MULTILINE)
    linked = re.sub(r'"#(?:leadership|alerts)"', link, begun)
    without = begun
    for key in ("pmo_channel", "digests", "alerts"):
        without = without.replace(part_of(begun, key), "")
    for text in (linked, without, written(linked, CHANNELS), without + CHANNELS):
        code, said = checked(tmp_path, text, monkeypatch)
        assert (code, said.splitlines()[-1]) == (0, "No faults."), said
    code, said = checked(tmp_path, begun, monkeypatch)
    assert code == 2
    assert '"#leadership" is a channel of Slack, which is not set up' in said
