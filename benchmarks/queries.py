"""Questions to a large register against hand-written SQL: python -m benchmarks.queries [--quick].

Three layers of ours are shown, since "the same content" can be meant of either end:

- `rows`: the repositories, which return objects; hand-written SQL returns tuples for the same page and counts.
- `answer`: the whole way from the typed line to the message, with who is asking, what they may see, and every
  sentence, date and number in their language. Hand-written SQL is the same as above.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks import big_data
from benchmarks.measure import CACHE, PAIR_COLUMNS, by_turns, conditions, row, table, tables_version
from benchmarks.world import PMO, FrozenClock, policy, services_over
from handlers.desk import Desk
from reporting.interactions import Command
from reporting.model import Rag
from reporting.ports import UnitOfWork
from reporting.query import BoardFilter
from reporting.services.answers_parts import PAGE
from reporting.services.context import Services
from storage.engines import make_reader, parse_url
from storage.store import SqlStore

NOW = datetime(2024, 12, 23, 12, tzinfo=UTC)
AIM = "1.5"
_WEEKS = 6

_PAGE = """
SELECT p.id, p.key, p.name, p.confidential, p."end", s.lead_id, f.key, w.name, s.rag, s.streak, s.missed, s.last_rag,
       s.path_due, s.last_day, s.top_score, r.summary, r.reason, q.state
FROM (SELECT project_id FROM standings WHERE state = 'active' {colour} ORDER BY place, key_fold LIMIT 15) page
LEFT JOIN standings s ON s.project_id = page.project_id
LEFT JOIN projects p ON p.id = page.project_id
LEFT JOIN portfolios f ON f.id = s.portfolio_id
LEFT JOIN people w ON w.id = s.lead_id
LEFT JOIN reports r ON r.id = s.report_id
LEFT JOIN requests q ON q.period_id = s.period_id AND q.project_id = s.project_id
ORDER BY s.place, s.key_fold
"""
_TREND = """
SELECT p.id, l.day, l.rag FROM projects p LEFT JOIN roll l ON l.project_id = p.id AND l.day >=
    (SELECT o.day FROM roll o WHERE o.project_id = p.id ORDER BY o.day DESC LIMIT 1 OFFSET {back})
WHERE p.id IN ({ids}) ORDER BY p.id, l.day
"""
_COUNTS = "SELECT rag, previous, count(*) FROM standings WHERE state = 'active' {colour} GROUP BY rag, previous"
_RED = "AND place BETWEEN -999999 AND 0"
_HISTORY = """
SELECT t.day, l.rag, r.id, r.revision, r.summary, r.reason, r.not_reported, r.late, r.author_id, w.name,
       EXISTS (SELECT 1 FROM digest_periods d WHERE d.period_id = l.period_id)
FROM roll l JOIN periods t ON t.id = l.period_id LEFT JOIN reports r ON r.id = l.report_id
LEFT JOIN people w ON w.id = r.author_id
WHERE l.project_id = (SELECT id FROM projects WHERE key_fold = ?) ORDER BY l.day DESC, l.period_id DESC LIMIT 16
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One question in its three layers."""

    line: str
    rows: Callable[[UnitOfWork], object]
    sql: Callable[[sqlite3.Connection], object]


def _list_rows(colours: tuple[Rag, ...]) -> Callable[[UnitOfWork], object]:
    def read(uow: UnitOfWork) -> object:
        where = BoardFilter(colours=colours, confidential=True)
        page = uow.board.rows(where, PAGE)
        return page, uow.board.totals(where), uow.reports.trends([one.project.id for one in page], _WEEKS)

    return read


def _list_sql(colour: str) -> Callable[[sqlite3.Connection], object]:
    marks = ", ".join("?" * PAGE)
    page_sql, counts_sql = _PAGE.format(colour=colour), _COUNTS.format(colour=colour)
    trend_sql = _TREND.format(back=_WEEKS - 1, ids=marks)

    def read(db: sqlite3.Connection) -> object:
        page = db.execute(page_sql).fetchall()
        return page, db.execute(counts_sql).fetchall(), db.execute(trend_sql, [one[0] for one in page]).fetchall()

    return read


def _history_rows(key: str) -> Callable[[UnitOfWork], object]:
    def read(uow: UnitOfWork) -> object:
        project = uow.projects.by_key(key)
        assert project is not None
        found = uow.reports.history(project.id, PAGE + 1)
        return found, uow.people.many({report.author_id for _, report in found if report and report.author_id})

    return read


def _history_sql(key: str) -> Callable[[sqlite3.Connection], object]:
    return lambda db: db.execute(_HISTORY, (key.casefold(),)).fetchall()


QUESTIONS = (
    Question("", _list_rows(()), _list_sql("")),
    Question("red", _list_rows((Rag.RED,)), _list_sql(_RED)),
    Question("history P00321", _history_rows("P00321"), _history_sql("P00321")),
)


def measured(
    services: Services, reading: Callable[[], AbstractContextManager[UnitOfWork]], db: sqlite3.Connection, rounds: int
) -> Sequence[tuple[str, ...]]:
    """A line of the table for each question and layer."""
    desk = Desk(services)
    lines = []
    for question in QUESTIONS:

        def rows(question: Question = question) -> object:
            with reading() as uow:
                return question.rows(uow)

        def answer(question: Question = question) -> object:
            return desk.command(Command(PMO, question.line))

        def sql(question: Question = question) -> object:
            return question.sql(db)

        name = f"/rag {question.line}".strip()
        lines.append(row(f"{name}: rows", by_turns(rows, sql, rounds), AIM))
        lines.append(row(f"{name}: answer", by_turns(answer, sql, rounds), AIM))
    return lines


def large(projects: int, periods: int) -> Path:
    """The register's file, made when it is not there."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"portfolio-{projects}x{periods}-{tables_version()}.db"
    if not path.exists():
        began = time.perf_counter()
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        big_data.make(making, projects, periods)
        making.rename(path)
        print(f"made in {time.perf_counter() - began:.0f} s")
    return path


def hand_written(path: Path) -> sqlite3.Connection:
    """A bare connection with the very settings that ours have."""
    db = sqlite3.connect(path, isolation_level=None)
    reader = make_reader(parse_url(f"sqlite:///{path}"), 2.0)
    with reader.connect() as ours:
        for name in ("cache_size", "mmap_size", "temp_store", "synchronous"):
            value = ours.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            db.execute(f"PRAGMA {name}={value}")
    reader.dispose()
    return db


@click.command()
@click.option("--projects", default=10_000, show_default=True)
@click.option("--periods", default=260, show_default=True)
@click.option("--rounds", default=200, show_default=True, help="Calls of each side for each question.")
@click.option("--quick", is_flag=True, help="500 projects, 52 periods, 50 rounds.")
def main(projects: int, periods: int, rounds: int, quick: bool) -> None:
    """Questions to a large register against hand-written SQL on the same file."""
    if quick:
        projects, periods, rounds = 500, 52, 50
    path = large(projects, periods)
    print(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB, {projects * periods:,} project periods")
    store = SqlStore(f"sqlite:///{path}")
    services = services_over(store, FrozenClock(NOW), policy())
    lines = measured(services, store.read, hand_written(path), rounds)
    store.dispose()
    table(f"Questions, medians of {rounds} by turns ({conditions()})", PAIR_COLUMNS, lines)


if __name__ == "__main__":
    main()
