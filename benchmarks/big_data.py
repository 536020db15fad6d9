"""Makes a large portfolio for measurements: python -m benchmarks.big_data FILE [PROJECTS] [PERIODS]."""

import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from reporting.model import Person, Project, Rag, ReportingPeriod, Risk, Standing
from storage.migrate import upgrade
from storage.store import SqlStore
from storage.types import utc_text

FIRST_DAY = date(2020, 1, 3)
COLOURS = (Rag.GREEN, Rag.GREEN, Rag.GREEN, Rag.GREEN, Rag.AMBER, Rag.AMBER, Rag.RED, None)
SUMMARY = "The supplier confirmed the second batch; verification runs until the end of the month as planned. " * 2
LEADS = 1_000
PORTFOLIOS = 20
AT_A_TIME = 50_000


def make(path: Path, projects: int = 10_000, periods: int = 260) -> None:
    """Fill a new database at `path` with reports for every project and period but a few."""
    url = f"sqlite:///{path}"
    upgrade(url)
    store = SqlStore(url, write_wait=60)
    rng = random.Random(7)
    colours = [_walk(rng, periods) for _ in range(projects)]
    with store.begin() as uow:
        leads = [uow.people.add(Person(0, f"Lead {n}", email=f"lead{n}@example.org")) for n in range(LEADS)]
        areas = [uow.projects.add_portfolio(f"area{n}", f"Area {n}") for n in range(PORTFOLIOS)]
        for n in range(projects):
            area = areas[n % PORTFOLIOS].id
            uow.projects.add(
                Project(0, f"P{n:05}", f"Project number {n}", area, leads[n % LEADS].id, confidential=n % 50 == 0)
            )
        for n in range(periods):
            uow.periods.add(_period(n))
    store.dispose()
    _bulk(path, colours)
    with store.begin() as uow:
        uow.board.put(_standing(n + 1, colours[n], periods) for n in range(projects))
        for n in range(0, projects, 2):
            uow.risks.add(Risk(0, n + 1, 0, "The supplier may be late", rng.randint(1, 5), rng.randint(1, 5)))
    store.dispose()


def _walk(rng: random.Random, periods: int) -> list[Rag | None]:
    colours: list[Rag | None] = []
    for n in range(periods):
        stays = n > 0 and rng.random() < 0.8
        colours.append(colours[-1] if stays else rng.choice(COLOURS))
    return colours


def _period(n: int) -> ReportingPeriod:
    day = FIRST_DAY + timedelta(weeks=n)
    opens = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    hours = [opens, opens + timedelta(hours=8), opens + timedelta(hours=9), opens + timedelta(days=7)]
    return ReportingPeriod(0, "weekly", day, *hours)


def _standing(project_id: int, colours: list[Rag | None], periods: int) -> Standing:
    now = colours[-1]
    streak = next((n for n, rag in enumerate(reversed(colours)) if rag != now), len(colours))
    before = [(n, rag) for n, rag in enumerate(colours[:-1]) if rag is not None]
    last_period, last_rag = before[-1] if before else (None, None)
    return Standing(
        project_id=project_id,
        period_id=periods,
        rag=now,
        report_id=None if now is None else (periods - 1) * 1_000_000 + project_id,
        previous=colours[-2] if len(colours) > 1 else None,
        last_rag=last_rag,
        last_period_id=None if last_period is None else last_period + 1,
        streak=streak if now else 0,
        missed=0 if now else streak,
    )


def _bulk(path: Path, colours: list[list[Rag | None]]) -> None:
    """Write requests, reports and the roll past the store: the same rows, many times as fast."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000", "foreign_keys=OFF"):
        db.execute(f"PRAGMA {pragma}")
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    db.execute("BEGIN")
    for statement, rows in (
        (_insert("reports", _REPORT), _reports(colours)),
        (_insert("roll", _ROLL), _roll(colours)),
        (_insert("requests", _REQUEST), _requests(colours)),
    ):
        db.executemany(statement, rows)
    db.execute("COMMIT")
    for _, sql in indexes:
        db.execute(sql)
    db.execute("PRAGMA journal_mode=WAL")
    db.close()


_REPORT = (
    "id project_id period_id revision author_id at rag summary reason dimensions done next missed path_action "
    "path_owner path_due override custom promise_kept not_reported edit_reason late source"
)
_ROLL = "project_id day period_id report_id revision rag"
_REQUEST = "id period_id project_id assignee_id state prompt_at due_at next_at step reason answered_at report_id"


def _insert(table: str, columns: str) -> str:
    names = columns.split()
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({quoted}) VALUES ({', '.join('?' * len(names))})"


def _report_id(period: int, project: int) -> int:
    return period * 1_000_000 + project + 1


def _reports(colours: list[list[Rag | None]]) -> Iterator[tuple[Any, ...]]:
    for n in range(len(colours[0])):
        at = utc_text(_period(n).due_at)
        for p, days in enumerate(colours):
            rag = days[n]
            if rag is None:
                continue
            bad = rag is not Rag.GREEN
            path = ("Second source", "Lead", "2026-12-31") if bad else (None, None, None)
            reason = "The supplier is late" if bad else ""
            dims = f'{{"schedule":"{rag}","cost":"green"}}'
            yield (
                _report_id(n, p), p + 1, n + 1, 1, p % LEADS + 1, at, rag.value, SUMMARY, reason, dims, "Batch one",
                "Batch two", "", *path, "", "{}", "", "", "", 0, "form",
            )  # fmt: skip


def _roll(colours: list[list[Rag | None]]) -> Iterator[tuple[Any, ...]]:
    for p, days in enumerate(colours):
        for n, rag in enumerate(days):
            day = (FIRST_DAY + timedelta(weeks=n)).isoformat()
            report = _report_id(n, p) if rag else None
            yield p + 1, day, n + 1, report, 1 if rag else 0, rag.value if rag else None


def _requests(colours: list[list[Rag | None]]) -> Iterator[tuple[Any, ...]]:
    for n in range(len(colours[0])):
        at = utc_text(_period(n).due_at)
        for p, days in enumerate(colours):
            report = _report_id(n, p) if days[n] else None
            state = "submitted" if report else "missed"
            yield _report_id(n, p), n + 1, p + 1, p % LEADS + 1, state, at, at, None, 4, "", at, report


def main() -> None:
    """Command line."""
    path = Path(sys.argv[1])
    sizes = [int(number) for number in sys.argv[2:4]]
    began = time.perf_counter()
    make(path, *sizes)
    size = path.stat().st_size / 1e6
    sys.stdout.write(f"{path}: {size:.0f} MB in {time.perf_counter() - began:.0f} s\n")


if __name__ == "__main__":
    main()
