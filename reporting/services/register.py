"""Changes to the register in chat: projects, portfolios, absences. All are checked, and audited before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from reporting.keys import JOINERS, PROJECT_KEY_MAX, is_project_key, portfolio_key, project_key
from reporting.model import Absence, Person, Portfolio, Project
from reporting.ports import UnitOfWork
from reporting.services import periods
from reporting.services.access import NotAllowed, Reader, actor_of, pmo_names, require_pmo
from reporting.services.context import Services
from reporting.services.facts import difference, portfolio_facts, project_facts

NAME_MAX = 200
DAYS_MAX = 400


class Refused(Exception):
    """A change that cannot be made as asked. `errors` says what would be right, by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def add_project(services: Services, uow: UnitOfWork, reader: Reader, project: Project, now: datetime) -> Project:
    """Add a project (the id given is ignored); from now on it is asked for reports.

    Raises:
        NotAllowed: the reader does not belong to the PMO.
        Refused: a field is wrong, or the key is taken.
    """
    require_pmo(uow, services.policy, reader)
    wanted = _checked(uow, reader, project, None)
    added = uow.projects.add(wanted)
    uow.audit.append(now, actor_of(reader), "project.added", f"project:{added.key}", None, project_facts(added))
    periods.project_changed(services, uow, None, added, now)
    return added


def change_project(services: Services, uow: UnitOfWork, reader: Reader, project: Project, now: datetime) -> Project:
    """Change a project; its open requests follow.

    Raises:
        NotAllowed: the reader does not belong to the PMO.
        Refused: a field is wrong, the key is taken, or the project is gone.
    """
    require_pmo(uow, services.policy, reader)
    before = uow.projects.get(project.id)
    if before is None:
        raise Refused({"key": reader.texts("This project is not in the register any more.")})
    after = _checked(uow, reader, project, before)
    if after == before:
        return after
    uow.projects.save(after)
    old, new = difference(project_facts(before), project_facts(after))
    uow.audit.append(now, actor_of(reader), "project.changed", f"project:{after.key}", old, new)
    periods.project_changed(services, uow, before, after, now)
    return after


def save_project(
    services: Services, uow: UnitOfWork, reader: Reader, project: Project, new_portfolio: str, now: datetime
) -> Project:
    """Add (id 0) or change a project, in a new portfolio if one is named. Nothing is stored when it is refused.

    Raises:
        NotAllowed: the reader does not belong to the PMO.
        Refused: a field is wrong.
    """
    require_pmo(uow, services.policy, reader)
    before = uow.projects.get(project.id) if project.id else None
    # All faults at once, and before a portfolio is made for a project that is not.
    _checked(uow, reader, project, before, portfolio_follows=bool(new_portfolio.strip()))
    if new_portfolio.strip():
        project = replace(project, portfolio_id=portfolio_named(services, uow, reader, new_portfolio, now).id)
    save = change_project if project.id else add_project
    return save(services, uow, reader, project, now)


def portfolio_named(services: Services, uow: UnitOfWork, reader: Reader, name: str, now: datetime) -> Portfolio:
    """The portfolio of this name, added when there is none.

    Raises:
        NotAllowed: the reader does not belong to the PMO.
        Refused: the name has neither letters nor digits.
    """
    require_pmo(uow, services.policy, reader)
    name = " ".join(name.split())
    key = portfolio_key(name)
    if not key:
        raise Refused({"new_portfolio": reader.texts("A name with letters or digits.")})
    for known in uow.projects.portfolios():
        if key == known.key or name.casefold() == known.name.casefold():
            return known
    portfolio = uow.projects.add_portfolio(key, name)
    uow.audit.append(now, actor_of(reader), "portfolio.added", f"portfolio:{key}", None, portfolio_facts(portfolio))
    return portfolio


def _checked(
    uow: UnitOfWork, reader: Reader, project: Project, before: Project | None, portfolio_follows: bool = False
) -> Project:
    t = reader.texts
    key, name = project_key(project.key), " ".join(project.name.split())
    errors: dict[str, str] = {}
    if not is_project_key(key) and (before is None or key != before.key):
        errors["key"] = t("Letters, digits and {joiners}, at most {n}, such as ATLAS.", joiners=JOINERS,
                          n=PROJECT_KEY_MAX)  # fmt: skip
    else:
        other = uow.projects.by_key(key)
        if other is not None and other.id != project.id:
            errors["key"] = t("{key} is {name} already. Choose another key.", key=key, name=other.name)
    if not name or len(name) > NAME_MAX:
        errors["name"] = t("A name of at most {n} characters.", n=NAME_MAX)
    if not portfolio_follows and uow.projects.portfolio(project.portfolio_id) is None:
        errors["portfolio"] = t("Choose a portfolio, or write a new one below.")
    if project.deputy_id is not None and project.deputy_id == project.lead_id:
        errors["deputy"] = t("Somebody other than the lead, or nobody.")
    if project.start and project.end and project.end < project.start:
        errors["end"] = t("A day after the start, or clear it.")
    if errors:
        raise Refused(errors)
    return replace(project, key=key, name=name)


# ---------------------------------------------------------------- absences


def absences_ahead(uow: UnitOfWork, person_id: int, today: date) -> list[Absence]:
    """Absences of a person that are not over, soonest first."""
    return sorted(uow.people.absences([person_id], today, date.max), key=lambda a: a.first)


def may_set_absence(reader: Reader, person_id: int) -> bool:
    """Everybody for themselves, the PMO for anyone."""
    return reader.is_pmo or (person_id == reader.person.id and person_id > 0)


def add_absence(
    services: Services,
    uow: UnitOfWork,
    reader: Reader,
    person_id: int,
    first: date,
    last: date,
    deputy_id: int | None,
    now: datetime,
) -> Absence:
    """Note that a person is away, both days included. Absences that lie wholly within are replaced.

    Raises:
        NotAllowed: it is somebody else's, and the reader does not belong to the PMO.
        Refused: a field is wrong.
    """
    _require_own(services, uow, reader, person_id)
    person, deputy = _away_and_deputy(uow, reader, person_id, deputy_id)
    _check_days(reader, first, last, services.today(now, reader.person))
    for old in uow.people.absences([person.id], first, last):
        if first <= old.first and old.last <= last:
            _remove(uow, reader, old, now)
    absence = uow.people.add_absence(
        Absence(0, person.id, first, last, deputy.id if deputy else None, reader.person.id or None)
    )
    uow.audit.append(now, actor_of(reader), "absence.added", f"person:{person.id}", None, _absence_facts(absence))
    periods.people_changed(services, uow, [person.id], now)
    return absence


def end_absences(
    services: Services, uow: UnitOfWork, reader: Reader, person_id: int, absence_ids: set[int], now: datetime
) -> int:
    """Remove absences of a person; those that are not theirs are left alone.

    Returns:
        How many were removed.

    Raises:
        NotAllowed: it is somebody else's, and the reader does not belong to the PMO.
    """
    _require_own(services, uow, reader, person_id)
    ended = [a for a in absences_ahead(uow, person_id, date.min) if a.id in absence_ids]
    for absence in ended:
        _remove(uow, reader, absence, now)
    if ended:
        periods.people_changed(services, uow, [person_id], now)
    return len(ended)


def _remove(uow: UnitOfWork, reader: Reader, absence: Absence, now: datetime) -> None:
    uow.people.remove_absence(absence.id)
    uow.audit.append(
        now, actor_of(reader), "absence.removed", f"person:{absence.person_id}", _absence_facts(absence), None
    )


def _require_own(services: Services, uow: UnitOfWork, reader: Reader, person_id: int) -> None:
    if not may_set_absence(reader, person_id):
        names = pmo_names(uow, services.policy)
        raise NotAllowed(
            reader.texts("Only they themselves or the PMO may do this: {names}.", names=names)
        )  # fmt: skip


def _away_and_deputy(
    uow: UnitOfWork, reader: Reader, person_id: int, deputy_id: int | None
) -> tuple[Person, Person | None]:
    t = reader.texts
    person = uow.people.get(person_id)
    deputy = uow.people.get(deputy_id) if deputy_id is not None else None
    if person is None:
        raise Refused({"person": t("Choose who is away.")})
    if deputy is not None and deputy.id == person.id:
        raise Refused({"deputy": t("Somebody else, or nobody.")})
    if deputy is not None and not deputy.active:
        raise Refused({"deputy": t("{name} has left. Choose somebody else, or nobody.", name=deputy.name)})
    return person, deputy


def _check_days(reader: Reader, first: date, last: date, today: date) -> None:
    t = reader.texts
    if last < first:
        raise Refused({"last": t("The first day or a later one.")})
    if last < today:
        raise Refused({"last": t("Today or a later day.")})
    if (last - first).days > DAYS_MAX:
        raise Refused({"last": t("At most {n} days. For longer, choose a new lead.", n=DAYS_MAX)})


# ---------------------------------------------------------------- the audit's words


def _absence_facts(absence: Absence) -> dict[str, Any]:
    return {
        "person": absence.person_id,
        "first": absence.first.isoformat(),
        "last": absence.last.isoformat(),
        "deputy": absence.deputy_id,
    }
