"""Statements run past SQLAlchemy on SQLite and must behave as if they had not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import bindparam, delete, insert, literal, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from reporting.model import Rag
from storage.prepared import Statements
from storage.store import SqlStore
from storage.tables import people, periods, reports, schedules, standings
from tests.storage.made import person

AT = datetime(2026, 11, 22, 7, 36, 12, 5, UTC)


def test_every_type_comes_back_as_it_went_in(store: SqlStore) -> None:
    given = {"calendar": "weekly", "day": date(2026, 11, 23), "opens_at": AT, "due_at": AT, "digest_at": AT}
    with store.writing() as connection:
        db = Statements(connection)
        new_id = db.execute(insert(periods), given | {"closes_at": AT}).inserted_primary_key[0]
        assert list(db.execute(select(periods)).first()[1:]) == [*given.values(), AT]
        found = select(literal(Rag.RED, standings.c.rag.type), literal({"a": 1}, reports.c.dimensions.type), new_id < 0)
        assert list(db.execute(found).first()) == [Rag.RED, {"a": 1}, 0]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 100, 8192, 8193])
def test_lists_of_every_length(store: SqlStore, length: int) -> None:
    with store.begin() as uow:
        ids = [uow.people.add(person(f"Person {n}")).id for n in range(6)]
    with store.reading() as connection:
        db, wanted = Statements(connection), [*range(10_000, 10_000 + max(length - 2, 0)), *ids][-length or 20_000 :]
        inside = select(people.c.id).where(people.c.id.in_(bindparam("ids", expanding=True))).order_by(people.c.id)
        outside = select(people.c.id).where(people.c.id.not_in(bindparam("ids", expanding=True)))
        chosen = wanted if length else []
        assert [row[0] for row in db.execute(inside, {"ids": chosen})] == [i for i in ids if i in chosen]
        assert {row[0] for row in db.execute(outside, {"ids": chosen})} == {i for i in ids if i not in chosen}


def test_results_say_what_was_changed(store: SqlStore) -> None:
    with store.writing() as connection:
        db = Statements(connection)
        rows = [{"key": name, "at": AT} for name in ("a", "b", "c")]
        db.execute(insert(schedules), rows)
        assert db.execute(update(schedules).where(schedules.c.key != "a"), {"at": AT}).rowcount == 2
        assert db.execute(delete(schedules).where(schedules.c.key == bindparam("name")), {"name": "a"}).rowcount == 1
        assert db.execute(select(schedules.c.key).order_by(schedules.c.key).limit(1)).scalar_one() == "b"
        assert db.execute(select(schedules.c.key).where(schedules.c.key == "z")).scalar() is None
        assert db.execute(text("SELECT 7")).scalar() == 7


def test_faults_are_sqlalchemys_and_do_not_repeat_what_people_typed(store: SqlStore) -> None:
    with store.writing() as connection:
        db = Statements(connection)
        db.execute(insert(schedules), {"key": "secret words", "at": AT})
        with pytest.raises(IntegrityError):
            db.execute(insert(schedules), {"key": "secret words", "at": AT})
        connection.rollback()
    with store.reading() as connection:
        with pytest.raises(StatementError) as fault:
            Statements(connection).execute(select(people.c.id).where(people.c.name == bindparam("name")), {"nam": "x"})
        assert "secret" not in str(fault.value)
