"""Whatever can be said in the dataclasses comes back exactly as it was put in."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.ledger import Delivery, Digest, Escalation
from reporting.model import (
    Absence,
    DecisionAsk,
    Draft,
    Identity,
    Person,
    Project,
    ReportingPeriod,
    Risk,
    Standing,
    StatusReport,
    StatusRequest,
)
from reporting.ports import UnitOfWork
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.storage.made import Undone, World, fail_after

T = TypeVar("T")

# NUL cannot be kept by PostgreSQL, halves of surrogate pairs by no database.
text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
number = st.integers(0, 2**31 - 1)
instant = st.datetimes(timezones=st.just(dt.UTC))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
json_object = st.dictionaries(text, json_values, max_size=3)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqlStore, World]]:
    """One SQLite file with a world in it; every example is undone."""
    url = f"sqlite:///{tmp_path_factory.mktemp('round') / 'rollcall.db'}"
    upgrade(url)
    store = SqlStore(url)
    with store.begin() as uow:
        world = World.build(uow)
    yield store, world
    store.dispose()


def values(kind: type[T], **given_values: Any) -> st.SearchStrategy[T]:
    """Any value of a dataclass, with links to rows that are there."""
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "str": text,
        "str | None": st.none() | text,
        "int": number,
        "int | None": st.none() | number,
        "datetime": instant,
        "datetime | None": st.none() | instant,
        "dict[str, Any]": json_object,
        "dict[str, Any] | None": st.none() | json_object,
        "list[dict[str, Any]] | None": st.none() | st.lists(json_object, max_size=3),
    }
    strategies: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        wanted = given_values.get(field.name, by_type.get(str(field.type), ...))
        if wanted is not ...:
            strategies[field.name] = wanted if isinstance(wanted, st.SearchStrategy) else st.just(wanted)
    assert is_dataclass(kind)
    return st.builds(kind, **{"id": st.just(0), **strategies} if "id" in {f.name for f in fields(kind)} else strategies)


person_id = st.sampled_from([None, 1, 2])
CASES = {
    "person": values(
        Person,
        email=st.none() | text.map(str.lower).filter(bool),
        deputy_id=person_id,
        identities=st.lists(st.builds(Identity, text, text, text), unique=True, max_size=3).map(tuple),
    ),
    "absence": values(Absence, person_id=1, deputy_id=person_id, set_by=person_id),
    "project": values(Project, portfolio_id=1, lead_id=person_id, deputy_id=person_id, sponsor_id=person_id),
    "period": values(ReportingPeriod),
    "request": values(StatusRequest, period_id=1, project_id=1, assignee_id=person_id, report_id=None),
    "report": values(
        StatusReport,
        period_id=1,
        project_id=1,
        author_id=person_id,
        decision=st.none() | st.builds(DecisionAsk, text, person_id, st.none() | st.dates()),
    ),
    "risk": values(Risk, project_id=1, probability=st.integers(1, 5), impact=st.integers(1, 5), number=1),
    "standing": values(Standing, project_id=1, period_id=1, report_id=None, last_period_id=st.sampled_from([None, 2])),
    "draft": values(Draft, project_id=1, period_id=1, person_id=1),
    "escalation": values(Escalation, project_id=1, period_id=1, acknowledged_by=person_id),
    "delivery": values(Delivery),
    "digest": values(Digest, period_ids=st.sampled_from([(), (1,), (2, 1)]), revision=1),
}


def put_and_get(uow: UnitOfWork, kind: str, item: Any) -> tuple[Any, Any]:
    """What went in (with its id) and what came out."""
    match kind:
        case "person":
            added = uow.people.add(item)
            return added, uow.people.get(added.id)
        case "absence":
            added = uow.people.add_absence(replace(item, last=max(item.first, item.last)))
            return added, uow.people.absences([1], added.first, added.last)[0]
        case "request":
            uow.requests.add_many([item])
            got = uow.requests.of(1, 1)
            return replace(item, id=got.id if got else 0), got
        case "standing":
            uow.board.put([item])
            return item, uow.board.get(1)
        case "draft":
            uow.drafts.put(item)
            return item, uow.drafts.get(1, 1, 1)
    rooms = {
        "project": uow.projects,
        "period": uow.periods,
        "report": uow.reports,
        "risk": uow.risks,
        "escalation": uow.escalations,
        "delivery": uow.deliveries,
        "digest": uow.digests,
    }
    room: Any = rooms[kind]
    added = room.add(item)
    return added, room.get(added.id)


@pytest.mark.parametrize("kind", CASES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_goes_in_comes_out(database: tuple[SqlStore, World], kind: str, data: st.DataObject) -> None:
    store, _ = database
    item = data.draw(CASES[kind])

    def check(uow: UnitOfWork) -> None:
        put, got = put_and_get(uow, kind, item)
        assert got == put
        for field in fields(item):
            if field.name not in ("id", "last"):
                assert getattr(got, field.name) == getattr(item, field.name), field.name

    with pytest.raises(Undone):
        fail_after(store, check)
