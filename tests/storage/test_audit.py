"""The audit trail, and what happens to it behind our back."""

import json
import sqlite3
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from reporting.ports import Store
from storage.audit import GENESIS
from storage.store import SqlStore
from tests.storage.made import HOUR, NOW, Undone, fail_after


@pytest.fixture
def trail(store: Store) -> Store:
    """Eight events in two transactions."""
    for half in (0, 4):
        with store.begin() as uow:
            for number in range(half, half + 4):
                uow.audit.append(
                    NOW + number * HOUR, "person:7", "report.recorded", f"request:{number % 2}", None, {"n": number}
                )
    return store


def faults(store: Store) -> list[str]:
    with store.read() as uow:
        return uow.audit.verify()


def tamper(file: Path, *statements: str) -> None:
    """What somebody with the file and an SQL shell would do."""
    db = sqlite3.connect(file)
    db.execute("DROP TRIGGER audit_events_no_update")
    db.execute("DROP TRIGGER audit_events_no_delete")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_events_come_back_and_the_chain_is_whole(trail: Store) -> None:
    with trail.read() as uow:
        events = uow.audit.events()
        assert [event.seq for event in events] == list(range(1, 9))
        assert events[0].previous_hash == GENESIS
        assert events[3].after == {"n": 3}
        assert events[3].before is None
        assert [event.seq for event in uow.audit.events(limit=2)] == [7, 8]
        assert [event.seq for event in uow.audit.events(subject="request:1", since=NOW + 3 * HOUR)] == [4, 6, 8]
        assert uow.audit.events(subject="request:9") == []
    assert faults(trail) == []


def test_the_hash_can_be_checked_by_anybody(trail: Store) -> None:
    with trail.read() as uow:
        event = uow.audit.events()[1]
    fields = [event.previous_hash, 2, "2026-11-20T16:30:00.123456Z", "person:7", "report.recorded", "request:1"]
    covered = json.dumps([*fields, None, '{"n":1}'], separators=(",", ":"))
    assert event.hash == sha256(covered.encode()).hexdigest()


def test_dates_and_any_text_can_stand_in_an_event(store: Store) -> None:
    with store.begin() as uow:
        after = {
            "due": date(2026, 12, 1),
            "at": NOW,
            "text": 'ä"\\\ud800\n',
            "nested": {"b": [1, 2.5, None], "a": True},
        }
        event = uow.audit.append(NOW, "system", "x", "y", {}, after)
        assert event.after == {**after, "due": "2026-12-01", "at": NOW.isoformat()}
        assert event.before == {}
        assert uow.audit.events() == [event]
        with pytest.raises(TypeError):
            uow.audit.append(NOW, "system", "x", "y", None, {"what": object()})
        with pytest.raises(TypeError):
            uow.audit.append(NOW.replace(tzinfo=None), "system", "x", "y")
    assert faults(store) == []


@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "before", "after"])
def test_a_changed_event_is_named(trail: Store, sqlite_file: Path, column: str) -> None:
    value = "2020-01-01T00:00:00.000000Z" if column == "at" else '{"n":99}'
    tamper(sqlite_file, f"UPDATE audit_events SET \"{column}\" = '{value}' WHERE seq = 3")
    assert faults(trail) == ["event 3 was changed: its content does not fit its hash"]


def test_reformatted_json_is_a_change(trail: Store, sqlite_file: Path) -> None:
    tamper(sqlite_file, "UPDATE audit_events SET after = '{\"n\": 2}' WHERE seq = 3")
    assert len(faults(trail)) == 1


def test_a_changed_event_with_a_new_hash_does_not_fit_the_next(trail: Store, sqlite_file: Path) -> None:
    with trail.read() as uow:
        third = uow.audit.events()[2]
    fields = [third.previous_hash, 3, "2026-11-20T17:30:00.123456Z", "person:7", "report.recorded", "request:0"]
    forged = sha256(json.dumps([*fields, None, '{"n":99}'], separators=(",", ":")).encode()).hexdigest()
    tamper(sqlite_file, f"UPDATE audit_events SET after = '{{\"n\":99}}', hash = '{forged}' WHERE seq = 3")
    assert faults(trail) == ["event 4 does not follow event 3: one of the two was replaced, changed or inserted"]


def test_missing_events_are_named_and_later_ones_still_checked(trail: Store, sqlite_file: Path) -> None:
    tamper(
        sqlite_file,
        "DELETE FROM audit_events WHERE seq IN (1, 4, 5)",
        "UPDATE audit_events SET actor = 'person:8' WHERE seq = 7",
    )
    assert faults(trail) == [
        "event 1 is missing",
        "events 4 to 5 are missing",
        "event 7 was changed: its content does not fit its hash",
    ]


def test_a_missing_end_is_found(trail: Store, sqlite_file: Path) -> None:
    tamper(sqlite_file, "DELETE FROM audit_events WHERE seq > 6")
    assert faults(trail) == ["events 7 to 8 are missing at the end"]


def test_an_emptied_trail_is_found(trail: Store, sqlite_file: Path) -> None:
    tamper(sqlite_file, "DELETE FROM audit_events")
    assert faults(trail) == ["events 1 to 8 are missing at the end"]


def test_inserted_events_are_found(trail: Store, sqlite_file: Path) -> None:
    columns = '"at", actor, action, subject, before, after, previous_hash, hash'
    copy = f"INSERT INTO audit_events SELECT {{}}, {columns} FROM audit_events WHERE seq = {{}}"
    tamper(sqlite_file, copy.format(0, 1), copy.format(9, 8))
    first, *found = faults(trail)
    assert first == "event 0 was inserted before the first"
    assert "event 9 was changed: its content does not fit its hash" in found
    assert found[-1] == "event 9 is inserted at the end"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM audit_head", "the record of the last event is missing"),
        ("UPDATE audit_head SET hash = 'x'", "event 8 is not the one that was written last"),
    ],
)
def test_a_changed_head_is_found(trail: Store, sqlite_file: Path, statement: str, fault: str) -> None:
    tamper(sqlite_file, statement)
    assert faults(trail) == [fault]


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET actor = 'nobody'", "DELETE FROM audit_events"])
def test_the_database_refuses_to_change_events(trail: Store, sql_store: SqlStore, statement: str) -> None:
    with pytest.raises(DBAPIError, match="audit_events is append-only"), sql_store.writing() as connection:
        connection.exec_driver_sql(statement)
    assert faults(trail) == []


def test_a_rolled_back_event_leaves_no_gap(trail: Store) -> None:
    with pytest.raises(Undone):
        fail_after(trail, lambda uow: uow.audit.append(NOW, "system", "x", "y"))
    with trail.begin() as uow:
        assert uow.audit.append(NOW + timedelta(days=1), "system", "x", "y").seq == 9
    assert faults(trail) == []
