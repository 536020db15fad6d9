"""Five periods of the UK's major projects, lived through by the bot over the wire as five weeks.

Contains public sector information licensed under the Open Government Licence v3.0. The data is read from beside the
repository and is no part of it.
"""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.imports import import_file, read_mapping
from playground.model import Message
from reporting.policy import DigestPolicy, FormPolicy
from tests.imports.company import CUSTOM
from tests.imports.test_real_data import DATA, MAPPINGS
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import elements, said, staged
from tests.support.policy import ALERTS, FORM

MONDAYS = [date(2026, 9, 28) + timedelta(weeks=n) for n in range(5)]

pytestmark = [
    pytest.mark.skipif(
        not (DATA / "updates.csv").exists(),
        reason=f"SKIPPED: the real portfolio is not beside the repository ({DATA.parent.name}/{DATA.name}/updates.csv)",
    ),
    pytest.mark.xdist_group("real-data"),
]


def weeks() -> list[list[dict[str, str]]]:
    """The reports of each period, with a Monday for its day."""
    with (DATA / "updates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = sorted({row["period"] for row in rows})
    return [[row | {"period": monday.isoformat()} for row in rows if row["period"] == day]
            for day, monday in zip(days, MONDAYS, strict=True)]  # fmt: skip


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot with the register; Carl is an executive, Anna the PMO."""
    form = FormPolicy("default", FORM.definitions, FORM.dimensions, CUSTOM)
    changes = {"forms": (form,), "calendar_of": {}, "alerts": ALERTS[:1]}
    async with staged(tmp_path, "socket", digests=(DigestPolicy("leadership", "C_LEAD"),), **changes) as stage:
        _take(stage, "register", DATA / "projects.csv")
        yield stage


async def test_five_periods(stage: Stage) -> None:
    for number, (monday, rows) in enumerate(zip(MONDAYS, weeks(), strict=True), 1):
        await stage.go(monday.isoformat(), "09:00")
        await asyncio.to_thread(_report, stage, rows)
        await stage.go((monday + timedelta(days=4)).isoformat(), "16:00")
        assert len(stage.channel("LEAD")) == number
    assert not stage.playground.refusals
    _everything_is_in_the_digest(stage, weeks()[-1])
    await _questions(stage, weeks())
    await _export(stage)
    assert not stage.playground.refusals


def _everything_is_in_the_digest(stage: Stage, rows: list[dict[str, str]]) -> None:
    """Every red and amber project with its whole narrative, in the message or its thread."""
    digest = stage.channel("LEAD")[-1]
    shown = _squeezed(" ".join(_words([digest, *stage.thread(digest)])))
    troubled = [row for row in rows if row["rag3"] in ("red", "amber")]
    assert len(troubled) == 27 + 163
    assert [row["project_id"] for row in troubled if row["project_id"] not in shown] == []
    cut = [row["project_id"] for row in troubled if _squeezed(row["narrative"]) not in shown]
    assert cut == []
    missing = [row["project_id"] for row in rows if not row["rag3"] and row["project_id"] not in shown]
    assert missing == []


async def _questions(stage: Stage, weeks: list[list[dict[str, str]]]) -> None:
    longest = max((row for row in weeks[-1]), key=lambda row: len(row["narrative"]))
    key = longest["project_id"]
    for name in ("carl", "anna"):
        assert "27" in await _ask(stage, name, "")
        reds = await _ask(stage, name, "red")
        assert "27 projects are red" in reds or "27" in reds
        assert key in await _ask(stage, name, f"{key}")
        history = await _ask(stage, name, f"history {key}")
        assert history.count("week") >= sum(row["project_id"] == key for week in weeks for row in week)
        assert await _ask(stage, name, "risks")
        assert await _ask(stage, name, "trend")
    await _whole_text(stage, key, longest["narrative"])


async def _whole_text(stage: Stage, key: str, narrative: str) -> None:
    """What is too long for an answer is behind its button, whole."""
    carl = stage.person("carl")
    before = len(carl.ephemerals("C_LEAD"))
    shown = await _ask(stage, "carl", f"{key}")
    if _squeezed(narrative) in _squeezed(shown):
        return
    for message in carl.ephemerals("C_LEAD")[before:]:
        for _, element in elements(message):
            if element["action_id"].startswith("text.more"):
                await carl.click("C_LEAD", message.ts, element["action_id"])
                await stage.settle()
                assert _squeezed(narrative) in _squeezed(" ".join(_texts(carl.modal()["blocks"])))
                return
    raise AssertionError(f"{key}: neither the whole narrative nor a button for it")


async def _export(stage: Stage) -> None:
    refused = await stage.ask("carl", "export")
    assert "PMO" in refused
    assert not stage.playground.workspace.files
    await stage.person("anna").command("/rag export xlsx history", "C_LEAD")
    await stage.settle()
    [file] = stage.playground.workspace.files.values()
    assert file.completed
    assert len(file.content or b"") > 100_000


# ---------------------------------------------------------------- helpers


async def _ask(stage: Stage, name: str, line: str) -> str:
    person = stage.person(name)
    before = len(person.ephemerals("C_LEAD"))
    await stage.ask(name, line)
    return " ".join(_words(person.ephemerals("C_LEAD")[before:]))


def _take(stage: Stage, kind: str, path: Path) -> None:
    report = import_file(stage.bot.services, kind, path, mapping=read_mapping(MAPPINGS / "gmpp.yaml"))  # type: ignore[arg-type]
    assert report.faults == ()


def _report(stage: Stage, rows: list[dict[str, str]]) -> None:
    path = stage.folder / "week.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    _take(stage, "reports", path)


def _words(messages: list[Message]) -> Iterator[str]:
    for message in messages:
        yield from _texts(message.blocks or [{"text": said(message)}])


def _texts(value: Any) -> Iterator[str]:
    """Every text in the order in which it is read."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for name, item in value.items():
            if name != "text" or not isinstance(item, str):
                yield from _texts(item)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
