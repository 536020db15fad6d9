"""Forms of the register: a project added or changed, somebody away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from handlers.absence_form import absence, open_absence, send_absence
from handlers.handler import ActionHandler, FormHandler, numbers, resolved, show
from reporting.interactions import (
    ChoiceField,
    Click,
    CloseForm,
    DateField,
    FieldErrors,
    Form,
    FormItem,
    PersonField,
    Reply,
    Say,
    Submission,
    TextField,
    UpdateForm,
    UserRef,
)
from reporting.keys import PROJECT_KEY_MAX
from reporting.messages import Note, Option, Plain
from reporting.model import Method, Portfolio, Project, ProjectState
from reporting.ports import UnitOfWork
from reporting.services import register
from reporting.services.access import NotAllowed, Reader, require_pmo
from reporting.services.answers_scope import said
from reporting.services.context import Services
from reporting.services.facts import project_facts
from reporting.texts import Texts

__all__ = ["ACTIONS", "FORMS", "OPENS", "absence", "edit_project", "new_project"]

PEOPLE = ("lead", "deputy", "sponsor")
DESCRIPTION_MAX = 12_000


# ---------------------------------------------------------------- opening


def new_project(services: Services, reader: Reader, key: str = "") -> Reply:
    """The form for a new project."""
    with services.store.read() as uow:
        require_pmo(uow, services.policy, reader)
        portfolios = uow.projects.portfolios()
    blank = Project(0, key.upper(), "", portfolios[0].id if len(portfolios) == 1 else 0)
    return show(_draw(reader.texts, blank, portfolios))


def edit_project(services: Services, reader: Reader, project_id: int) -> Reply:
    """The form for changing a project."""
    with services.store.read() as uow:
        require_pmo(uow, services.policy, reader)
        project = uow.projects.get(project_id)
        portfolios = uow.projects.portfolios()
    if project is None:
        raise NotAllowed(reader.texts("There is no such project."))
    return show(_draw(reader.texts, project, portfolios))


def open_new(services: Services, reader: Reader, click: Click) -> Reply:
    """The button “Add project”."""
    return new_project(services, reader, click.value)


def open_edit(services: Services, reader: Reader, click: Click) -> Reply:
    """The button “Change project”."""
    ids = numbers(click.value, 1)
    return edit_project(services, reader, ids[0] if ids else 0)


def _draw(t: Texts, project: Project, portfolios: list[Portfolio], note: str = "") -> Form:
    title = t("Change {key}", key=project.key) if project.id else t("Add a project")
    items: list[FormItem] = [Note((Plain(note),))] if note else []
    items += [
        TextField("key", t("Key"), project.key, t("Short, such as ATLAS; people type it."), max_length=PROJECT_KEY_MAX),
        TextField("name", t("Name"), project.name, max_length=register.NAME_MAX),
        *_portfolio_fields(t, project, portfolios),
        PersonField("lead", t("Lead"), project.lead_id, t("Is asked for the reports."), optional=True),
        PersonField("deputy", t("Deputy"), project.deputy_id, t("Is asked while the lead is away."), optional=True),
        PersonField("sponsor", t("Sponsor"), project.sponsor_id, optional=True),
        ChoiceField("method", t("Method"), _methods(t), project.method.value),
        ChoiceField("state", t("State"), _states(t), project.state.value, t("Only active projects are asked.")),
        ChoiceField("confidential", t("Who may see it"), _audiences(t), "yes" if project.confidential else "no"),
        DateField("start", t("Start"), project.start.isoformat() if project.start else "", optional=True),
        DateField("end", t("Planned end"), project.end.isoformat() if project.end else "", optional=True),
        TextField("description", t("Description"), project.description, optional=True, multiline=True,
                  max_length=DESCRIPTION_MAX),
    ]  # fmt: skip
    context = {"project": project.id, "seen": _seen(project)}
    return Form("project", title, tuple(items), submit=t("Save"), context=context)


def _portfolio_fields(t: Texts, project: Project, portfolios: list[Portfolio]) -> list[FormItem]:
    options = tuple(Option(str(p.id), p.name) for p in portfolios)
    chosen = str(project.portfolio_id) if project.portfolio_id else None
    fields: list[FormItem] = []
    if options:
        fields.append(ChoiceField("portfolio", t("Portfolio"), options, chosen, optional=True))
    hint = t("Leave empty unless the portfolio is not in the list.")
    fields.append(TextField("new_portfolio", t("New portfolio"), hint=hint, optional=True, max_length=100))
    return fields


def _methods(t: Texts) -> tuple[Option, ...]:
    names = {Method.AGILE: t("Agile"), Method.WATERFALL: t("Waterfall"), Method.HYBRID: t("Hybrid")}
    return tuple(Option(method.value, name) for method, name in names.items())


def _states(t: Texts) -> tuple[Option, ...]:
    names = {
        ProjectState.ACTIVE: t("Active"), ProjectState.PAUSED: t("Paused"), ProjectState.CLOSED: t("Closed"),
    }  # fmt: skip
    return tuple(Option(state.value, name) for state, name in names.items())


def _audiences(t: Texts) -> tuple[Option, ...]:
    return (
        Option("no", t("Everybody")),
        Option("yes", t("Confidential"), t("PMO, executives, its lead, deputy and sponsor; cleared channels.")),
    )


def _seen(project: Project) -> dict[str, Any]:
    """What the person saw, to notice a change by somebody else. Long text would not fit into a form's context."""
    facts = project_facts(project)
    facts["description"] = sha256(project.description.encode()).hexdigest()[:16]
    return facts


# ---------------------------------------------------------------- sending


@dataclass(slots=True)
class _Entry:
    """What was typed, read field by field; faults are gathered."""

    t: Texts
    values: Mapping[str, Any]
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.text(name)) if self.text(name) else None
        except ValueError:
            self.errors[name] = self.t("A day such as 2026-11-27.")
            return None

    def person(self, name: str) -> int | None:
        return int(self.text(name)) if self.text(name) else None

    def one_of(self, name: str, allowed: type[Method] | type[ProjectState]) -> Any:
        try:
            return allowed(self.text(name))
        except ValueError:
            self.errors[name] = self.t("Choose one.")
            return next(iter(allowed))


def send_project(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Check and store a project."""
    t, now = reader.texts, services.clock.now()
    project_id = int(submission.context["project"])
    with services.store.begin() as uow:
        require_pmo(uow, services.policy, reader)
        before = uow.projects.get(project_id) if project_id else None
        if before is not None and _seen(before) != submission.context.get("seen"):
            note = t("Somebody has changed this project since you opened the form. It says now: {now}. What you typed "
                     "is kept; Save overwrites theirs.", now=_differences(t, uow, before, submission))  # fmt: skip
            return (UpdateForm(_draw(t, before, uow.projects.portfolios(), note)),)
        entry = _Entry(t, resolved(uow, submission.values))
        wanted = _project(entry, submission, project_id)
        outcome = _stored(services, uow, reader, entry, wanted, now)
    if isinstance(outcome, Project):
        line = t("{key} is changed.", key=outcome.key) if project_id else t("{key} is added.", key=outcome.key)
        return (CloseForm(all=True), Say(said(line)))
    return (FieldErrors({name: text for name, text in outcome.items() if name in submission.values} or outcome),)


def _project(entry: _Entry, submission: Submission, project_id: int) -> Project:
    for name in PEOPLE:
        if isinstance(submission.values.get(name), UserRef) and not entry.text(name):
            entry.errors[name] = entry.t(
                "I have not met this person yet. Ask them to write me a word, then choose them again."
            )
    portfolio = entry.text("portfolio")
    return Project(
        id=project_id,
        key=entry.text("key"),
        name=entry.text("name"),
        portfolio_id=int(portfolio) if portfolio.isdigit() else 0,
        lead_id=entry.person("lead"),
        deputy_id=entry.person("deputy"),
        sponsor_id=entry.person("sponsor"),
        method=entry.one_of("method", Method),
        state=entry.one_of("state", ProjectState),
        confidential=entry.text("confidential") == "yes",
        start=entry.day("start"),
        end=entry.day("end"),
        description=entry.text("description"),
    )


def _stored(
    services: Services, uow: UnitOfWork, reader: Reader, entry: _Entry, wanted: Project, now: datetime
) -> Project | dict[str, str]:
    """The project as stored, or what is wrong. Nothing is stored when something is."""
    if entry.errors:
        return entry.errors
    try:
        return register.save_project(services, uow, reader, wanted, entry.text("new_portfolio"), now)
    except register.Refused as refused:
        return refused.errors


def _differences(t: Texts, uow: UnitOfWork, stored: Project, submission: Submission) -> str:
    """Where the stored project differs from what the person saw, in words."""
    seen = submission.context.get("seen")
    old = seen if isinstance(seen, Mapping) else {}
    labels = _labels(t)
    changed = [name for name, value in _seen(stored).items() if value != old.get(name)]
    return "; ".join(_change(t, uow, stored, name, labels.get(name, name)) for name in changed)


def _labels(t: Texts) -> Mapping[str, str]:
    """What the form calls each part of a project."""
    return {
        "key": t("Key"), "name": t("Name"), "portfolio_id": t("Portfolio"), "lead_id": t("Lead"),
        "deputy_id": t("Deputy"), "sponsor_id": t("Sponsor"), "method": t("Method"), "state": t("State"),
        "confidential": t("Who may see it"), "start": t("Start"), "end": t("Planned end"),
        "description": t("Description"),
    }  # fmt: skip


def _change(t: Texts, uow: UnitOfWork, stored: Project, name: str, label: str) -> str:
    if name == "description":
        # Too long to be quoted; the form shows what was typed.
        return label
    return t("{label}: {value}", label=label, value=_value(t, uow, stored, name) or "–")


def _value(t: Texts, uow: UnitOfWork, stored: Project, name: str) -> str:
    value = getattr(stored, name)
    if name in {f"{role}_id" for role in PEOPLE}:
        person = uow.people.get(value) if value is not None else None
        return person.name if person else ""
    if name == "portfolio_id":
        portfolio = uow.projects.portfolio(value)
        return portfolio.name if portfolio else ""
    if name == "confidential":
        value = "yes" if value else "no"
    choices = {"method": _methods, "state": _states, "confidential": _audiences}.get(name)
    if choices is not None:
        return next(option.label for option in choices(t) if option.value == value)
    return t.day(value) if isinstance(value, date) else str(value or "")


ACTIONS: Mapping[str, ActionHandler] = MappingProxyType(
    {"project.add": open_new, "project.edit": open_edit, "absence.open": open_absence}
)
FORMS: Mapping[str, FormHandler] = MappingProxyType({"project": send_project, "absence": send_absence})
OPENS = frozenset(ACTIONS)
