"""Rare turns of the week: a bad request, a closed project, an account found late, a correction of last week."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reporting.ledger import DeliveryState
from reporting.model import ProjectState, StatusRequest
from reporting.services import mending, outbox, periods, planning
from reporting.services.wording import lasting
from reporting.texts import Catalogues
from tests.support.world import World, form_of


class _BadRow:
    """Requests of which one cannot be saved."""

    def __init__(self, inner: Any, project_id: int) -> None:
        self._inner, self._bad = inner, project_id

    def save(self, request: StatusRequest) -> None:
        if request.project_id == self._bad:
            raise ValueError("a bad row")
        self._inner.save(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Unit:
    def __init__(self, inner: Any, project_id: int) -> None:
        self._inner, self.requests = inner, _BadRow(inner.requests, project_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Store:
    """A store in which the request of one project is broken."""

    def __init__(self, world: World, project_id: int) -> None:
        self._world, self._bad = world, project_id

    def read(self) -> Any:
        return self._world.store.read()

    @contextmanager
    def begin(self) -> Iterator[Any]:
        with self._world.store.begin() as uow:
            yield _Unit(uow, self._bad)


def test_one_bad_request_keeps_no_other_lead_waiting(world: World) -> None:
    world.go("2026-11-23", "08:30")
    world.clock.set(world.at("2026-11-23", "09:00"))
    broken = replace(world.services, store=_Store(world, world.projects["CORE"].id))  # type: ignore[arg-type]
    with pytest.raises(ExceptionGroup) as caught:
        planning.plan_due(broken, world.clock.now())
    assert "a bad row" in repr(caught.value.exceptions)
    assert [d.target for d in world.due("prompt:")] == [f"person:{world.people['ana'].id}"]
    world.tick()
    assert len(world.due("prompt:")) == 2


def test_a_closed_project_is_not_realigned(world: World) -> None:
    world.project("DONE", "ben", state=ProjectState.CLOSED)
    world.go("2026-11-24", "10:00")
    with world.store.begin() as uow:
        periods.people_changed(world.services, uow, [world.people["ben"].id], world.clock.now())
        assert uow.requests.open_of_project(world.projects["DONE"].id) == []


def test_an_account_found_late_gets_what_is_still_of_use(world: World) -> None:
    now, ben = world.clock.now(), world.people["ben"].id
    keys = {"useful": now + timedelta(days=1), "useless": now - timedelta(hours=1), "other": None, "taken": None}
    with world.store.begin() as uow:
        for key, expires in keys.items():
            target = "person:999" if key == "other" else f"person:{ben}"
            planned = outbox.plan(uow, key=key, kind="notice", target=target, now=now)
            assert planned is not None
            uow.deliveries.save(
                replace(
                    planned, state=DeliveryState.FAILED, failed_at=now, error=outbox.NO_ACCOUNT, expires_at=expires
                ),
                planned.attempt,
            )
        mending.account_found(_Taken(uow, "taken"), ben, now)  # type: ignore[arg-type]
    states = {d.key: d.state for d in world.deliveries("")}
    assert {key for key, state in states.items() if state is DeliveryState.PLANNED} == {"useful"}


class _Taken:
    """A transaction in which another attempt has just taken one delivery over."""

    def __init__(self, inner: Any, key: str) -> None:
        self._inner, self._key = inner, key
        self.deliveries = self

    def save(self, delivery: Any, fence: int, hold: float = 0.0) -> bool:
        return False if delivery.key == self._key else bool(self._inner.deliveries.save(delivery, fence, hold))

    def failures_since(self, since: Any) -> Any:
        return self._inner.deliveries.failures_since(since)

    def held(self, delivery_id: int) -> float:
        return 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_months_are_called_months() -> None:
    t = Catalogues().texts("en-GB")
    assert [lasting(t, "month", n) for n in (1, 2)] == ["one month", "2 months"]
    assert [lasting(t, "period", n) for n in (1, 2)] == ["one period", "2 periods"]


def test_a_correction_of_last_week_after_this_weeks_report_leaves_the_alerts_alone(world: World) -> None:
    world.go("2026-11-23", "09:00")
    first = world.period_id("CORE")
    world.report("ben", "CORE", "green")
    world.go("2026-11-30", "09:00")
    world.report("ben", "CORE", "green", "Newer.")
    form = form_of(world.click("ben", "report.open", f"{first}:{world.projects['CORE'].id}"))
    red = form_of(world.desk.typing(world.submission("ben", form, rag="red")))
    world.submit(
        "ben", red, rag="red", summary="It was red.", reason="Pump.", path_action="New pump", path_owner="Ben",
        path_due="2026-12-20", edit_reason="Seen too late.",
    )  # fmt: skip
    with world.store.read() as uow:
        assert uow.escalations.open_of(world.projects["CORE"].id) == []
        assert len(uow.reports.revisions(world.projects["CORE"].id, first)) == 2
