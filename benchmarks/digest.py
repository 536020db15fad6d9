"""A digest of a large portfolio against plain Jinja2 and JSON: python -m benchmarks.digest [--quick].

Ours goes the whole way: view, sandboxed template, Markdown, neutral messages, posts within Slack's limits, JSON.
Plain is the same templates in Jinja2's ordinary environment with the simplest filters that give readable text, plus
`json.dumps` of the very posts that ours made. It neither keeps typed text from becoming markup nor splits anything.
"""

import json
import random
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.measure import PAIR_COLUMNS, by_turns, conditions, row, table
from benchmarks.world import policy
from digests import samples
from digests.composer import Composer
from digests.environment import SHIPPED
from handlers.slack.render import render
from handlers.slack.words import Words
from reporting.texts import Catalogues

AIM = "3"
_COLOURS = ("green",) * 12 + ("amber",) * 5 + ("red",) * 2 + (None,)
_WORDS = (
    "supplier", "batch", "verification", "delay", "test", "bench", "approval", "budget", "sensor", "firmware", "review",
    "schedule", "contract", "integration", "prototype", "audit", "risk", "partner", "delivery", "calibration", "plan",
)  # fmt: skip


def view(projects: int, seed: int = 7) -> dict[str, Any]:
    """The data of a digest: six in ten green, one in ten red, each with its own words."""
    rng = random.Random(seed)
    return samples.digest([_project(n, rng) for n in range(projects)], risks=5, corrections=3, title="Example R&D")


def _project(n: int, rng: random.Random) -> dict[str, Any]:
    rag, last = rng.choice(_COLOURS), rng.choice(_COLOURS)
    lead = {"id": n % 300 + 1, "name": f"Lead {n % 300}"}
    bad = rag in ("amber", "red")
    due = f"2026-12-{rng.randint(1, 28):02}"
    shapes = {name: {"label": name.capitalize(), "rag": rng.choice(_COLOURS[:-1])} for name in ("schedule", "cost")}
    return {
        "id": n, "key": f"P{n:04}", "name": f"{_said(rng, 3)} {n}", "portfolio": f"Area {n % 20}", "rag": rag,
        "previous": last, "last_rag": last, "last_day": "2026-11-16" if rag is None else None,
        "streak": rng.randint(1, 9) if rag == last else 0, "last_streak": rng.randint(1, 9),
        "missed": rng.randint(1, 4) if rag is None else 0, "pending": False,
        "trend": [rng.choice(_COLOURS) for _ in range(6)], "cells": [rng.choice(_COLOURS) for _ in range(6)],
        "lead": lead, "deputy": None, "away_until": None, "unit": "week",
        "report_id": n if rag else None, "revision": 1, "reported_at": "2026-11-26T10:00:00+00:00",
        "summary": _said(rng, 14) if rag else "", "reason": _said(rng, 10) if bad else "",
        "done": _said(rng, 20), "next": _said(rng, 15), "missed_plan": "",
        "path": {"action": _said(rng, 8), "owner": lead["name"], "due": due} if bad else None,
        "percent": rng.randint(0, 100), "forecast_end": "2027-06-30", "dimensions": shapes if rag else {},
        "override": "", "custom": [], "late": False, "not_reported": "", "promise_kept": "", "promise_unsaid": False,
        "asks": bad and rng.random() < 0.05,
    }  # fmt: skip


def _said(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize() + "."


# ---------------------------------------------------------------- plain


def plain_environment() -> Environment:
    """Jinja2 as it comes, over the shipped templates."""
    env = Environment(
        loader=FileSystemLoader(SHIPPED),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    env.filters |= _FILTERS
    env.globals |= {
        "_": _translate,
        "gettext": _translate,
        "ngettext": lambda one, many, n, /, **values: _translate(one if n == 1 else many, n=n, **values),
        "button": lambda *words: f"[{words[1]}]",
    }
    return env


def _translate(message: str, /, **values: object) -> str:
    return message.format(**values) if values else message


def _letter(rag: str | None, label: str = "") -> str:
    return label or (rag[0].upper() if rag else "–")


def _brief(text: str, limit: int = 280) -> str:
    return text if len(text) <= limit else text[: limit - 2] + " …"


_FILTERS: Mapping[str, Callable[..., str]] = {
    "pill": _letter,
    "person": lambda person: f"@{person['name']}" if person else "–",
    "sentence": lambda text: text if text.endswith((".", "!", "?")) else f"{text}.",
    "phrase": lambda text: text.rstrip(". "),
    "brief": _brief,
    "day": lambda day, _style="short": f"{date.fromisoformat(day):%a %-d %b}",
    "dates": lambda period: f"{period['first']} to {period['last']}",
    "moment": lambda instant: f"{datetime.fromisoformat(instant):%a %-d %b %H:%M}",
    "number": str,
    "change": lambda value: f"{value:+d}" if value else "=",
    "trend": lambda colours: " ".join(map(_letter, colours)),
    "span": lambda periods, unit="week": f"{periods} {unit}s",
    "colour": lambda rag: rag or "not reported",
}


# ---------------------------------------------------------------- both


@click.command()
@click.option("--projects", default=1_000, show_default=True)
@click.option("--rounds", default=15, show_default=True)
@click.option("--quick", is_flag=True, help="200 projects, 5 rounds.")
def main(projects: int, rounds: int, quick: bool) -> None:
    """A digest of a large portfolio against plain Jinja2 and JSON."""
    if quick:
        projects, rounds = 200, 5
    data = view(projects)
    composer, words = Composer(Catalogues(), policy()), Words()
    users = {number: f"U{number:06}" for number in range(1, 301)}
    template = plain_environment().get_template("weekly.md.j2")

    def posts() -> list[dict[str, Any]]:
        composed = composer.digest("weekly.md.j2", data, "en-GB")
        messages = (composed.message, *composed.details)
        return [post for message in messages for post in render(message, users, words, new_blocks=True)]

    made = posts()
    text, size = template.render(data, view=data), len(json.dumps(made))
    print(f"{projects} projects: {len(made)} posts, {size / 1000:,.0f} kB of JSON, {len(text) / 1000:,.0f} kB of text")
    pair = by_turns(lambda: json.dumps(posts()), lambda: (template.render(data, view=data), json.dumps(made)), rounds)
    table(f"A digest, medians of {rounds} by turns ({conditions()})", PAIR_COLUMNS, [row("digest", pair, AIM)])


if __name__ == "__main__":
    main()
