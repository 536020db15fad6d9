"""How everything here is measured: two things by turns in one run, medians, and their ratio.

A shared or throttled machine is slow for both at the same moments, so a ratio says more than a time.
"""

import hashlib
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parents[1] / "build" / "bench"
"""What is made once and used again; safe to delete."""


def tables_version() -> str:
    """Names the tables as they are made today, so that nothing made with others is used again."""
    steps = sorted((CACHE.parents[1] / "storage" / "migrations" / "versions").glob("*.py"))
    return hashlib.sha256(b"".join(step.read_bytes() for step in steps)).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of ours and of what it is compared with, round by round."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of ours by median of theirs."""
        return statistics.median(self.ours) / statistics.median(self.theirs)


def by_turns(ours: Callable[[], object], theirs: Callable[[], object], rounds: int, warm_up: int = 2) -> Pair:
    """Call both by turns, each first in every other round."""
    for _ in range(warm_up):
        ours()
        theirs()
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(rounds):
        for at in ((0, 1), (1, 0))[n % 2]:
            began = time.perf_counter()
            (ours, theirs)[at]()
            times[at].append(time.perf_counter() - began)
    return Pair(tuple(times[0]), tuple(times[1]))


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share of all lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def millis(seconds: float) -> str:
    """Milliseconds with three figures or so."""
    value = seconds * 1000
    return f"{value:.0f} ms" if value >= 100 else f"{value:.2f} ms"


def row(name: str, pair: Pair, aim: str) -> tuple[str, ...]:
    """One line of a table of pairs."""
    medians = [millis(statistics.median(times)) for times in (pair.ours, pair.theirs)]
    return (name, *medians, f"{pair.ratio:.2f}", aim)


PAIR_COLUMNS = ("what", "ours", "theirs", "ratio", "aim")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    widths = [max(len(line[at]) for line in (columns, *rows)) for at in range(len(columns))]
    print(f"\n{title}")
    for line in (columns, ["-" * width for width in widths], *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def conditions() -> str:
    """Where and how busy: without this a figure means nothing."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, load {load}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}"
    )
