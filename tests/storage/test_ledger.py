"""Drafts, alerts, deliveries, digests and schedules."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from reporting.ledger import DeliveryState, MessageRef
from reporting.model import Draft
from reporting.ports import Store
from storage.store import SqlStore
from tests.storage.made import DAY, HOUR, NOW, World, delivery, digest, escalation


def test_a_draft_is_replaced_and_forgotten(store: Store, world: World) -> None:
    at = (world.projects[0].id, world.periods[0].id, world.ana.id)
    with store.begin() as uow:
        assert uow.drafts.get(*at) is None
        uow.drafts.put(Draft(*at, {"summary": "a"}, 0, NOW))
        newer = Draft(*at, {"summary": "ab", "risks": [1, None]}, 2, NOW + HOUR)
        uow.drafts.put(newer)
        assert uow.drafts.get(*at) == newer
        assert uow.drafts.get(at[0], at[1], world.ben.id) is None
        uow.drafts.delete(*at)
        uow.drafts.delete(*at)
        assert uow.drafts.get(*at) is None


def test_one_open_alert_for_a_cause(store: Store, world: World) -> None:
    one, two, _ = (project.id for project in world.projects)
    weekly = world.periods[0].id
    with store.begin() as uow:
        first = uow.escalations.add(escalation(one, weekly))
        assert first is not None
        assert uow.escalations.add(escalation(one, weekly)) is None
        others = [
            uow.escalations.add(escalation(two, weekly)),
            uow.escalations.add(escalation(one, weekly, subject="risk:4")),
            uow.escalations.add(escalation(one, weekly, rule="missed")),
        ]
        assert None not in others
        resolved = replace(
            first, acknowledged_by=world.ana.id, acknowledged_at=NOW, resolved_at=NOW + HOUR, resolution="green again"
        )
        uow.escalations.save(resolved)
        assert uow.escalations.get(first.id) == resolved
        assert uow.escalations.all_open() == others
        assert uow.escalations.open_of(one) == others[1:]
        again = uow.escalations.add(escalation(one, weekly))
        assert again is not None
        assert again.id != first.id


def test_the_same_cause_never_makes_two_deliveries(store: Store) -> None:
    with store.begin() as uow:
        first = uow.deliveries.add(delivery())
        assert first is not None
        assert uow.deliveries.add(delivery(kind="other")) is None
    with store.begin() as uow:
        assert uow.deliveries.add(delivery()) is None
        assert uow.deliveries.by_key("prompt:1") == uow.deliveries.get(first.id) == first
        assert uow.deliveries.by_key("prompt:2") is None


def test_only_the_attempt_in_hand_may_write(store: Store) -> None:
    with store.begin() as uow:
        first = uow.deliveries.add(delivery(updates="prompt:0", thread_of="digest:1", expires_at=NOW + HOUR))
        assert first is not None
        sent = replace(
            first,
            state=DeliveryState.SENT,
            attempt=1,
            content={"kind": "Message"},
            parts=[{"text": "a"}, {"text": "b"}],
            refs=(MessageRef("D1", "17.1"), MessageRef("D1", "17.2")),
            sent_at=NOW,
        )
        assert uow.deliveries.save(sent, fence=0)
        assert not uow.deliveries.save(replace(first, error="late", attempt=1), fence=0)
        assert uow.deliveries.get(first.id) == sent


def test_the_edits_of_a_message_are_listed_without_their_contents(store: Store) -> None:
    with store.begin() as uow:
        for key, updates in (("prompt:1", None), ("r:2", "prompt:1"), ("r:1", "prompt:1"), ("r:3", "prompt:2")):
            uow.deliveries.add(delivery(key, updates=updates, content={"kind": "Message"}, parts=[{"text": "a"}]))
        edits = uow.deliveries.edits_of("prompt:1")
        assert [(edit.key, edit.content, edit.parts) for edit in edits] == [("r:2", None, None), ("r:1", None, None)]
        assert uow.deliveries.edits_of("r:1") == []


def test_the_newest_deliveries_are_listed_without_their_contents(store: Store) -> None:
    with store.begin() as uow:
        for number in range(5):
            state = DeliveryState.FAILED if number % 2 else DeliveryState.SENT
            uow.deliveries.add(delivery(f"alert:{number}", state=state, content={"kind": "Message"}))
        uow.deliveries.add(delivery("digest:1", state=DeliveryState.FAILED))
        newest = uow.deliveries.newest("alert:", 2)
        assert [(item.key, item.content) for item in newest] == [("alert:3", None), ("alert:4", None)]
        assert [item.key for item in uow.deliveries.newest("", 2, failed=True)] == ["alert:3", "digest:1"]


def test_what_was_found_out_is_remembered(store: Store) -> None:
    with store.begin() as uow:
        assert uow.notes.get("blocks") is None
        uow.notes.put("blocks", {"refused": True})
        uow.notes.put("blocks", {"refused": False})
    with store.read() as uow:
        assert uow.notes.get("blocks") == {"refused": False}


def test_deliveries_are_listed_by_prefix_state_and_age(store: Store) -> None:
    states = list(DeliveryState)
    with store.begin() as uow:
        for number, state in enumerate(states):
            # Given up long after it was due.
            failed_at = NOW if state is DeliveryState.FAILED else None
            due_at = NOW + (number - 9) * HOUR
            uow.deliveries.add(delivery(f"digest:{number}", state=state, due_at=due_at, failed_at=failed_at))
        uow.deliveries.add(delivery("digest_detail:1", state=DeliveryState.FAILED, failed_at=NOW - HOUR))
        uow.deliveries.add(delivery("digest%", state=DeliveryState.SENT))
        assert len(uow.deliveries.with_prefix("digest:")) == len(states)
        assert [item.key for item in uow.deliveries.with_prefix("digest_")] == ["digest_detail:1"]
        assert uow.deliveries.with_prefix("alert:") == []
        waiting = [item.state for item in uow.deliveries.unfinished()]
        assert waiting == [DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNCERTAIN]
        assert [item.key for item in uow.deliveries.failures_since(NOW)] == ["digest:4"]
        assert len(uow.deliveries.failures_since(NOW - 2 * HOUR)) == 2


def test_every_revision_of_a_digest_stays(store: Store, world: World) -> None:
    one, two, three, _ = (weekly.id for weekly in world.periods)
    with store.begin() as uow:
        first = uow.digests.add(digest(period_ids=(one, two), revision=9))
        assert first.revision == 1
        corrected = replace(first, markdown="# Week 44, corrected", period_ids=(one, three), composed_at=NOW + HOUR)
        uow.digests.save(corrected)
        newest = replace(corrected, revision=2)
        later = uow.digests.add(digest(day=DAY + timedelta(days=7), period_ids=(two,)))
    with store.read() as uow:
        assert uow.digests.get(first.id) == uow.digests.on("C01", DAY) == newest
        assert uow.digests.revisions(first.id) == [first, newest]
        assert uow.digests.latest("C01") == later
        assert uow.digests.latest("C02") is None
        assert uow.digests.with_period(one) == uow.digests.with_period(three) == [newest]
        assert uow.digests.with_period(two) == [newest, later]
        assert uow.digests.shown([one, two, 999_999]) == {one, two}
        assert uow.digests.shown([]) == set()
    with pytest.raises(LookupError), store.begin() as uow:
        uow.digests.save(replace(first, id=99))


@pytest.mark.parametrize("statement", ["UPDATE digest_revisions SET markdown = ''", "DELETE FROM digest_revisions"])
def test_nobody_changes_a_digest_that_was_shown(sql_store: SqlStore, world: World, statement: str) -> None:
    with sql_store.begin() as uow:
        uow.digests.add(digest(period_ids=(world.periods[0].id,)))
    with pytest.raises(DBAPIError, match="append-only"), sql_store.writing() as connection:
        connection.exec_driver_sql(statement)


def test_a_schedule_fires_once(store: Store) -> None:
    with store.begin() as uow:
        uow.schedules.ensure("weekly", NOW)
        uow.schedules.ensure("weekly", NOW + HOUR)
        uow.schedules.ensure("monthly", NOW - HOUR)
        assert uow.schedules.due(NOW) == [("monthly", NOW - HOUR), ("weekly", NOW)]
        assert uow.schedules.advance("weekly", NOW, NOW + HOUR)
        assert not uow.schedules.advance("weekly", NOW, NOW + 2 * HOUR)
        assert uow.schedules.get("weekly") == NOW + HOUR
        assert uow.schedules.get("daily") is None
        uow.schedules.remove("monthly")
        assert uow.schedules.keys() == ["weekly"]
        assert uow.schedules.due(NOW) == []
