"""Who is asked for a report: the lead, or who stands in while the lead is away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from reporting.model import Absence, Person, Project
from reporting.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who answers, and from which day on.

    Attributes:
        person: None when nobody can be asked.
        held_until: the first day back, when the person is away on the prompt day only.
        away: the lead who is away, when somebody else or nobody answers for them.
        excused: True when the lead is away and nobody stands in: nothing is owed.
    """

    person: Person | None
    held_until: date | None = None
    away: Person | None = None
    excused: bool = False


class Assigner:
    """Finds assignees for many projects with a few reads."""

    def __init__(self, uow: UnitOfWork, projects: Collection[Project], first: date, last: date) -> None:
        """Read people and absences of `projects` for the days `first` to `last`."""
        wanted = {i for p in projects for i in (p.lead_id, p.deputy_id, p.sponsor_id) if i is not None}
        people = uow.people.many(wanted)
        stand_ins = {p.deputy_id for p in people.values() if p.deputy_id is not None}
        absences = uow.people.absences(wanted | stand_ins, first, last)
        named = {a.deputy_id for a in absences if a.deputy_id is not None}
        missing = (stand_ins | named) - set(people)
        self._people = people | uow.people.many(missing)
        self._absences: dict[int, list[Absence]] = {}
        for absence in [*absences, *uow.people.absences(missing - stand_ins, first, last)]:
            self._absences.setdefault(absence.person_id, []).append(absence)

    def assign(self, project: Project, prompt_day: date, due_day: date) -> Assignment:
        """Who answers for a project that is prompted on one day and due on another.

        A lead who is away on the due day is replaced (by the absence's deputy, the project's, the person's own)
        or, with nobody there, excused. A lead who is back before the due day is asked on the first day back.
        """
        lead = self._present(project.lead_id)
        if lead is None:
            return Assignment(self._first_there((project.deputy_id, project.sponsor_id), due_day))
        absence = self._away(lead.id, due_day)
        if absence is None:
            return Assignment(lead, held_until=self._back(lead.id, prompt_day))
        deputy = self._first_there((absence.deputy_id, project.deputy_id, lead.deputy_id), due_day)
        return Assignment(deputy, away=lead, excused=deputy is None)

    def person(self, person_id: int | None) -> Person | None:
        """A person read before."""
        return self._people.get(person_id) if person_id is not None else None

    def _present(self, person_id: int | None) -> Person | None:
        person = self.person(person_id)
        return person if person is not None and person.active else None

    def _first_there(self, person_ids: Collection[int | None], day: date) -> Person | None:
        for person_id in person_ids:
            person = self._present(person_id)
            if person is not None and self._away(person.id, day) is None:
                return person
        return None

    def _away(self, person_id: int, day: date) -> Absence | None:
        return next((a for a in self._absences.get(person_id, ()) if a.first <= day <= a.last), None)

    def _back(self, person_id: int, day: date) -> date | None:
        absence = self._away(person_id, day)
        back = None
        while absence is not None:
            back = absence.last + timedelta(days=1)
            absence = self._away(person_id, back)
        return back
