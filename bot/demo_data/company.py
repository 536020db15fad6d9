"""The made-up company as data: people, portfolios, projects with ten weeks of history, and what is answered next."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from reporting.model import Method

Letter = Literal["G", "A", "R"]
WEEKS = 10
"""Weeks of history before the demo's week."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoPerson(_Part):
    """Somebody who does not exist. `featured` people are offered to the visitor first."""

    id: str
    name: str
    title: str
    tz: str
    locale: str
    deputy: str | None = None
    featured: Literal["", "lead", "executive", "pmo"] = ""

    @property
    def email(self) -> str:
        """Made of the name; the domain ends in .example, which no one can own."""
        return f"{self.name.lower().replace(' ', '.')}@lumenfold.example"


class DemoAbsence(_Part):
    """Days away, counted from the demo's Monday."""

    person: str
    first: int
    last: int
    deputy: str | None = None


class DemoPortfolio(_Part):
    """A portfolio and who sponsors its projects."""

    name: str
    sponsor: str


class DemoChannel(_Part):
    """A channel and who is in it."""

    topic: str
    members: list[str]
    private: bool = False


class DemoRisk(_Part):
    """A risk; `due` in days from the demo's Monday, `since` in weeks."""

    title: str
    p: int
    i: int
    owner: str
    due: int
    do: str
    since: int = 0


class News(_Part):
    """What a report says that the one before did not. The fields are explained at the head of imaging.yaml."""

    say: str
    why: str = ""
    path: tuple[str, str, int] | None = None
    done: str = ""
    next: str = ""
    missed: str = ""
    kept: Literal["", "kept", "missed", "moved"] = ""
    dims: dict[str, Letter] | None = None
    over: str = ""
    ask: tuple[str, str, int] | None = None
    end: int | None = None


class DemoAnswer(News):
    """What a lead answers in the demo's week; `when` is a weekday (Monday is 0) and a wall time of theirs."""

    when: tuple[int, str]
    rag: Letter
    risk: DemoRisk | None = None
    close: list[str] = []


class DemoProject(_Part):
    """A project; days are counted from the demo's Monday."""

    name: str
    lead: str
    deputy: str | None = None
    method: Method
    confidential: bool = False
    start: int
    end: int
    percent: tuple[int, int]
    description: str
    history: Annotated[str, Field(pattern=r"^[GARgarx-]{10}$")]
    news: dict[int, News]
    risks: list[DemoRisk] = []
    answer: DemoAnswer | None = None


class DemoCompany(_Part):
    """All of it. Projects are by portfolio and key."""

    organisation: str
    workspace: str
    people: dict[str, DemoPerson]
    absences: list[DemoAbsence]
    portfolios: dict[str, DemoPortfolio]
    channels: dict[str, DemoChannel]
    projects: dict[str, dict[str, DemoProject]] = {}


def read_company() -> DemoCompany:
    """Read the data that ships with the product."""
    company = _yaml("company")
    company["projects"] = {portfolio: _yaml(portfolio) for portfolio in company["portfolios"]}
    return DemoCompany.model_validate(company)


def _yaml(name: str) -> dict[str, Any]:
    text = files("bot.demo_data").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    # The C loader, where PyYAML was built with it, saves most of a second at every start of the demo.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(text, Loader=loader)
    return loaded
