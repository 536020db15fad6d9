"""Deliveries in line: who is first, who waits for whom, who has one in hand, what was lost."""

from dataclasses import replace

from reporting.ledger import Delivery, DeliveryState
from reporting.ports import Store
from tests.storage.made import HOUR, NOW, delivery


def add(store: Store, key: str, **fields: object) -> Delivery:
    with store.begin() as uow:
        added = uow.deliveries.add(delivery(key, **fields))
    assert added is not None
    return added


def first(store: Store, target: str = "person:1") -> int | None:
    with store.read() as uow:
        return uow.deliveries.first_in_line(target, NOW)


def test_the_one_due_first_is_first_then_the_older_one(store: Store) -> None:
    assert first(store) is None
    add(store, "later", due_at=NOW + HOUR)
    assert first(store) is None
    second = add(store, "second")
    add(store, "third")
    assert first(store) == second.id
    early = add(store, "early", due_at=NOW - HOUR)
    add(store, "elsewhere", target="channel:C1", due_at=NOW - 2 * HOUR)
    assert first(store) == early.id


def test_edits_stuck_and_finished_ones_are_in_no_line(store: Store) -> None:
    add(store, "edit", updates="base")
    add(store, "stuck", stuck=True)
    add(store, "sent", state=DeliveryState.SENT)
    assert first(store) is None
    doubtful = add(store, "doubtful", state=DeliveryState.UNCERTAIN)
    add(store, "planned")
    assert first(store) == doubtful.id


def test_who_waits_for_a_message(store: Store) -> None:
    edit = add(store, "edit", updates="base")
    more = add(store, "more", thread_of="base", target="channel:C2")
    add(store, "done", updates="base", state=DeliveryState.CANCELLED)
    add(store, "later", updates="base", due_at=NOW + HOUR)
    add(store, "other", updates="another")
    with store.read() as uow:
        assert uow.deliveries.waiting_for("base", NOW) == [edit.id, more.id]


def test_a_sender_has_a_delivery_to_itself_for_a_time(store: Store) -> None:
    made = add(store, "d")
    with store.begin() as uow:
        assert uow.deliveries.held(made.id) == 0
        assert uow.deliveries.save(replace(made, attempt=1), 0, hold=20)
        assert 19 < uow.deliveries.held(made.id) <= 20
        assert not uow.deliveries.save(replace(made, attempt=2), 0, hold=99)
        assert uow.deliveries.held(made.id) <= 20
        # Far more than anybody ever asks for: the machine's clock was set back since.
        assert uow.deliveries.save(replace(made, attempt=1), 1, hold=100_000)
        assert uow.deliveries.held(made.id) == 0
        assert uow.deliveries.save(replace(made, attempt=1), 1, hold=20)
        assert uow.deliveries.save(replace(made, attempt=1), 1)
        assert uow.deliveries.held(made.id) == 0
        assert uow.deliveries.held(999) == 0


def test_the_overdue_are_listed(store: Store) -> None:
    old = add(store, "old", due_at=NOW - HOUR)
    add(store, "now")
    add(store, "gone", due_at=NOW - HOUR, state=DeliveryState.SKIPPED)
    with store.read() as uow:
        assert [one.id for one in uow.deliveries.overdue(NOW)] == [old.id]
