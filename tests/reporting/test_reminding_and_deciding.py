"""The PMO reminds who still owes something; leadership decides what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from reporting.interactions import CloseForm, UserRef
from reporting.messages import Message
from reporting.model import Rag, StatusReport
from reporting.ports import RevisionTaken, UnitOfWork
from reporting.query import BoardFilter
from reporting.services import people, reports, requests
from reporting.services.questions import subject_of
from tests.support.world import World, errors_of, form_of, text_of


def remind(world: World, who: str = "anna") -> tuple[list[str], list[str]]:
    with world.store.begin() as uow:
        reader = people.reader(uow, world.services, world.identity(who))
        assert reader is not None
        found, nobody = requests.remind_now(
            world.services, uow, reader, BoardFilter(confidential=True), world.clock.now()
        )
    return sorted(person.name for person in found), nobody


def test_only_who_owes_something_is_reminded(world: World) -> None:
    world.project("NOBODY", None)
    world.go("2026-11-23", "09:00")
    world.report("ben", "CORE")
    world.project("NEWT", "ben")  # joined, and not asked yet
    assert remind(world) == (["Ana"], ["NOBODY"])
    reminders = [d for d in world.deliveries("reminder:") if ":pmo:" in d.key]
    assert len(reminders) == 1  # ATLAS and BEAM in one message
    assert "ATLAS, BEAM" in text_of(world.message(reminders[0].key))
    assert remind(world) == (["Ana"], ["NOBODY"])
    assert len([d for d in world.deliveries("reminder:") if ":pmo:" in d.key]) == 1


def test_the_pmos_reminder_ends_a_snooze(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.click("ben", "request.snooze", f"{world.period_id('CORE')}:24")
    remind(world)
    [delivery] = [d for d in world.deliveries("reminder:") if ":pmo:" in d.key and d.target.endswith("2")]
    assert "CORE" in text_of(world.message(delivery.key))


def test_nobody_owes_anything_before_the_first_period(world: World) -> None:
    assert remind(world) == ([], [])


def test_a_lead_may_not_remind(world: World) -> None:
    from reporting.services.access import NotAllowed

    world.go("2026-11-23", "09:00")
    with pytest.raises(NotAllowed, match="Only the PMO may do this: Anna"):
        remind(world, "ben")


# ---------------------------------------------------------------- decisions


def asking(world: World, of: str | None = "carl") -> StatusReport:
    world.go("2026-11-23", "09:00")
    form = world.open_report("ben", "CORE")
    more: dict[str, Any] = {"decision_of": UserRef(world.identity(of))} if of else {}
    world.submit("ben", form, rag="green", summary="Fine.", decision_question="Second shift?", **more)
    with world.store.read() as uow:
        report = uow.reports.current(world.projects["CORE"].id, world.period_id("CORE"))
    assert report is not None
    return report


def test_a_decision_is_recorded_and_told_to_the_lead(world: World) -> None:
    report = asking(world)
    form = form_of(world.click("carl", "decision.open", str(report.id)))
    assert "Second shift?" in repr(form)
    assert set(errors_of(world.submit("carl", form))) == {"outcome"}
    assert set(errors_of(world.submit("carl", form, outcome="decided", words="  "))) == {"words"}
    assert world.submit("carl", form, outcome="decided", words="Yes, from Monday.") == (CloseForm(all=True),)
    [told] = world.deliveries(f"decision:{report.id}:")
    assert told.target == f"person:{world.people['ben'].id}"
    assert "Carl has decided your question for CORE." in text_of(world.message(told.key))
    with world.store.read() as uow:
        [event] = uow.audit.events(subject_of(report))
    assert event.after == {"outcome": "decided", "words": "Yes, from Monday."}


def test_who_is_not_asked_may_not_decide(world: World) -> None:
    report = asking(world)
    assert "This decision is asked of Carl." in text_of(world.click("dora", "decision.open", str(report.id)))
    assert "out of date" in text_of(world.click("carl", "decision.open", "999"))
    assert "out of date" in text_of(world.click("carl", "decision.open", "x"))


def test_a_decision_of_ones_own_project_is_recorded_and_not_told(world: World) -> None:
    world.project("OWN", "carl")
    world.go("2026-11-30", "09:00")
    world.submit(
        "carl", world.open_report("carl", "OWN"), rag="green", summary="Fine.", decision_question="Go on?",
        decision_of=UserRef(world.identity("carl")),
    )  # fmt: skip
    with world.store.read() as uow:
        report = uow.reports.current(world.projects["OWN"].id, world.period_id("OWN"))
    assert report is not None
    form = form_of(world.click("carl", "decision.open", str(report.id)))
    world.submit("carl", form, outcome="deferred", words="Next month.")
    assert not world.deliveries("decision:")


# ---------------------------------------------------------------- two writers at the same instant


class _Raced:
    """The reports of a store in which somebody else writes the same revision at the same instant."""

    def __init__(self, inner: Any, theirs: StatusReport) -> None:
        self._inner, self._theirs, self._looked = inner, theirs, False

    def current(self, project_id: int, period_id: int) -> StatusReport | None:
        found = self._theirs if self._looked else self._inner.current(project_id, period_id)
        self._looked = True
        return found

    def add(self, report: StatusReport) -> StatusReport:
        raise RevisionTaken


class _RacedUnit:
    def __init__(self, inner: UnitOfWork, theirs: StatusReport) -> None:
        self._inner, self.reports = inner, _Raced(inner.reports, theirs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _RacedStore:
    def __init__(self, world: World, theirs: StatusReport) -> None:
        self._world, self._theirs = world, theirs

    @contextmanager
    def begin(self) -> Iterator[Any]:
        with self._world.store.begin() as uow:
            yield _RacedUnit(uow, self._theirs)


def test_the_later_of_two_writers_sees_the_earlier(world: World) -> None:
    world.go("2026-11-23", "09:00")
    mine = StatusReport(
        0, world.projects["CORE"].id, world.period_id("CORE"), 0, None, world.clock.now(), Rag.GREEN, "Mine."
    )
    theirs = replace(mine, id=7, revision=1, summary="Theirs.", author_id=world.people["emil"].id)
    services = replace(world.services, store=_RacedStore(world, theirs))  # type: ignore[arg-type]
    outcome = reports.record(services, world.people["ben"], reports.Entry(mine, 0), world.clock.now())
    assert outcome == reports.Conflict(theirs, world.people["emil"])


def test_the_kinds_of_content_a_delivery_can_have(world: World) -> None:
    from reporting.messages_json import to_json
    from reporting.services import outbox

    message = Message("Hello", ())
    with world.store.begin() as uow:
        first = outbox.plan(
            uow, key="notice:1", kind="notice", target="person:1", now=world.clock.now(), content=to_json(message)
        )
        again = outbox.plan(uow, key="notice:1", kind="notice", target="person:1", now=world.clock.now())
    assert first is not None
    assert again is None
    assert world.message("notice:1") == message
