"""From a project's compact history to the report of each week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.demo_data.company import WEEKS, DemoProject, Letter, News
from reporting.model import DecisionAsk, PathToGreen, Rag, StatusReport
from reporting.policy import FormPolicy

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)

COLOURS: Mapping[str, Rag] = {"G": Rag.GREEN, "A": Rag.AMBER, "R": Rag.RED}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a report is made of besides the news: the demo's Monday, the form, ids of people by their short names."""

    monday: date
    form: FormPolicy
    people: Mapping[str, int]

    def day(self, offset: int) -> date:
        """A day counted from the demo's Monday."""
        return self.monday + timedelta(days=offset)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a project. `report` is None when none came; then `mark` says whether it was excused (`x`)."""

    week: int
    mark: str
    report: StatusReport | None

    @property
    def late(self) -> bool:
        """Whether the report came after it was due."""
        return self.mark.islower() and self.mark != "x"


def weeks(project: DemoProject, scene: Scene) -> Iterator[Week]:
    """The weeks before the demo, oldest first. Ids, author and time of a report are the caller's."""
    last: StatusReport | None = None
    for week, mark in enumerate(project.history, start=-WEEKS):
        if mark in "-x":
            yield Week(week, mark, None)
            continue
        last = next_report(project, scene, week, COLOURS[mark.upper()], project.news.get(week), last)
        yield Week(week, mark, last)


def next_report(
    project: DemoProject, scene: Scene, week: int, rag: Rag, news: News | None, last: StatusReport | None
) -> StatusReport:
    """The report of a week, after the last one.

    Without news it repeats the last one. News in an unchanged colour keep reason, path and dimensions unless they
    say otherwise.
    """
    if news is None:
        if last is None or last.rag is not rag:
            raise ValueError(f"{project.name}, week {week}: a new colour needs news")
        return replace(
            last,
            done="",
            missed="",
            decision=None,
            promise_kept="",
            percent=_percent(project, week),
            source="unchanged",
        )
    kept = last if last is not None and last.rag is rag else None
    monday = 7 * week
    forecast = scene.day(project.end) if last is None else last.forecast_end
    return StatusReport(
        id=0,
        project_id=0,
        period_id=0,
        revision=1,
        author_id=None,
        at=_NEVER,
        rag=rag,
        summary=news.say,
        reason=news.why or (kept.reason if kept else ""),
        dimensions=_dimensions(scene, rag, news.dims, kept),
        done=news.done,
        next=news.next,
        missed=news.missed,
        forecast_end=scene.day(news.end) if news.end is not None else forecast,
        percent=_percent(project, week),
        path=_path(scene, monday, news, kept),
        decision=_ask(scene, monday, news),
        override=news.over,
        promise_kept=news.kept,
    )


def _percent(project: DemoProject, week: int) -> int:
    first, newest = project.percent
    return min(99, round(first + (newest - first) * (week + WEEKS) / (WEEKS - 1)))


def _path(scene: Scene, monday: int, news: News, kept: StatusReport | None) -> PathToGreen | None:
    if news.path is None:
        return kept.path if kept else None
    action, owner, days = news.path
    return PathToGreen(action, owner, scene.day(monday + days))


def _ask(scene: Scene, monday: int, news: News) -> DecisionAsk | None:
    if news.ask is None:
        return None
    question, whom, days = news.ask
    return DecisionAsk(question, scene.people[whom], scene.day(monday + days))


def _dimensions(scene: Scene, rag: Rag, said: Mapping[str, Letter] | None, kept: StatusReport | None) -> dict[str, Rag]:
    keys = [dimension.key for dimension in scene.form.dimensions]
    if said is None and kept is not None:
        return {key: kept.dimensions.get(key, Rag.GREEN) for key in keys}
    letters = said if said is not None else {"schedule": rag.letter}
    return {key: COLOURS[letters.get(key, "G")] for key in keys}
