"""docs/teams.md names nothing that is not there: variables, options, codes, permissions."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click

from bot.cli.looking import manifest
from bot.config import environment
from handlers.teams import errors, graph, remedies
from handlers.teams.surface import ACTIONS, NAME, PATH, Surface
from tests.bot.live import SHIPPED

DOCS = SHIPPED.parent / "docs"
PAGE = (DOCS / "teams.md").read_text("utf-8")
SPANS = set(re.findall(r"`([^`\n]+)`", PAGE))
# Of Microsoft, not of ours: what Graph and the login answer.
THEIRS = {"Forbidden", "Authorization_RequestDenied"}


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
