"""The job table: enqueued with its cause, urgent ones first, one of a key waiting."""

from typing import Any

import pytest

from reporting.ports import Store
from storage.jobs import AT_ONCE, SqlJobTable
from storage.store import SqlStore
from tests.storage.made import HOUR, NOW, Undone, fail_after, person


def enqueue(store: Store, *jobs: tuple[str, dict[str, Any]]) -> None:
    with store.begin() as uow:
        for task, options in jobs:
            uow.jobs.enqueue(task, {"name": task}, **options)


def names(jobs: SqlJobTable, limit: int = 10) -> list[str]:
    return [job.task for job in jobs.claim(NOW, limit)]


def test_a_job_comes_with_its_arguments_and_attempt(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("deliver", {}))
    (job,) = jobs.claim(NOW, 10)
    assert (job.task, job.args, job.attempt) == ("deliver", {"name": "deliver"}, 1)
    assert jobs.claim(NOW, 10) == []
    jobs.again(job.id, NOW, "timed out")
    (again,) = jobs.claim(NOW, 10)
    assert (again.id, again.attempt) == (job.id, 2)
    jobs.finish(job.id)
    assert jobs.depth() == 0


def test_nothing_is_enqueued_when_the_transaction_fails(store: Store, jobs: SqlJobTable) -> None:
    with pytest.raises(Undone):
        fail_after(store, lambda uow: uow.jobs.enqueue("deliver", {}))
    assert jobs.depth() == 0


def test_urgent_ones_go_first(store: Store, jobs: SqlJobTable) -> None:
    urgent = {"urgent": True}
    enqueue(store, ("slow 1", {}), ("slow 2", {}), ("quick 1", urgent), ("quick 2", urgent))
    assert names(jobs, limit=3) == ["quick 1", "quick 2", "slow 1"]
    assert names(jobs) == ["slow 2"]


def test_attempts_are_counted_anew_when_it_asked_to_be_run_later(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("deliver", {}))
    for error, attempt in (("broken", 1), ("broken", 2), ("", 3), ("broken", 1), ("broken", 2)):
        (job,) = jobs.claim(NOW, 10)
        assert job.attempt == attempt
        jobs.again(job.id, NOW, error)


def test_what_is_not_due_waits_and_holds_up_nobody(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("later", {"at": NOW + HOUR}), ("now", {}))
    assert jobs.next_at() == AT_ONCE
    (job,) = jobs.claim(NOW, 10)
    assert job.task == "now"
    assert jobs.next_at() == NOW + HOUR
    jobs.again(job.id, NOW + 2 * HOUR)
    assert [item.task for item in jobs.claim(NOW + HOUR, 10)] == ["later"]
    assert jobs.next_at() == NOW + 2 * HOUR


def test_the_oldest_due_come_first(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("third", {"at": NOW}), ("second", {"at": NOW - HOUR}), ("first", {}), ("never", {"at": NOW + HOUR}))
    assert names(jobs, limit=2) == ["first", "second"]
    assert names(jobs) == ["third"]
    assert jobs.depth() == 4


def test_of_a_key_one_waits_while_another_runs(store: Store, jobs: SqlJobTable) -> None:
    key = {"key": "k"}
    enqueue(store, ("one", key), ("same", key), ("no key", {}), ("no key", {}))
    assert jobs.depth() == 3
    one, *_ = jobs.claim(NOW, 10)
    # The one that runs may have looked before this one's cause.
    enqueue(store, ("while running", key), ("once more", key))
    assert jobs.depth() == 4
    jobs.again(one.id, NOW)
    assert names(jobs) == ["while running"]
    assert jobs.depth() == 3


def test_waiting_and_running_keys_are_told(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("deliver", {"key": "a"}), ("deliver", {"key": "b", "at": NOW + HOUR}), ("other", {"key": "c"}))
    assert len(jobs.claim(NOW, 1)) == 1
    with store.read() as uow:
        assert uow.jobs.keys("deliver") == {"a", "b"}
        assert uow.jobs.waits("other")
        assert not uow.jobs.waits("nothing")


def test_an_orphan_is_forgotten_when_another_of_its_key_waits(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("a", {"key": "k"}))
    assert names(jobs) == ["a"]
    enqueue(store, ("b", {"key": "k"}))
    assert jobs.reset_orphans() == 1
    assert names(jobs) == ["b"]
    assert jobs.depth() == 1


def test_orphans_run_again(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("a", {}), ("b", {}))
    assert len(jobs.claim(NOW, 1)) == 1
    assert jobs.reset_orphans() == 1
    assert names(jobs) == ["a", "b"]
    assert jobs.next_at() is None


def test_ids_are_not_used_again(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("a", {}))
    (first,) = jobs.claim(NOW, 1)
    jobs.finish(first.id)
    enqueue(store, ("b", {}))
    (second,) = jobs.claim(NOW, 1)
    jobs.finish(first.id)
    assert second.id > first.id
    assert jobs.depth() == 1


def test_the_engine_is_called_after_a_commit_with_jobs_only(sql_store: SqlStore) -> None:
    depths: list[int] = []
    jobs = SqlJobTable(sql_store)
    sql_store.on_commit(lambda: depths.append(jobs.depth()))
    with sql_store.begin() as uow:
        uow.people.add(person())
    assert depths == []
    with sql_store.begin() as uow:
        uow.jobs.enqueue("deliver", {})
        assert depths == []
    assert depths == [1]
    with pytest.raises(Undone):
        fail_after(sql_store, lambda uow: uow.jobs.enqueue("deliver", {}))
    assert depths == [1]


def test_put_back_twice_it_is_still_there(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("a", {"key": "k"}))
    (job,) = jobs.claim(NOW, 1)
    jobs.again(job.id, NOW)
    jobs.again(job.id, NOW + HOUR)
    assert jobs.next_at() == NOW
    assert names(jobs) == ["a"]


def test_the_earlier_of_two_wishes_counts(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("a", {"key": "k", "at": NOW + HOUR}), ("a", {"key": "k", "at": NOW, "urgent": True}))
    enqueue(store, ("a", {"key": "k", "at": NOW + 2 * HOUR}), ("other", {"at": NOW}))
    assert names(jobs) == ["a", "other"]


def test_when_another_waits_the_earlier_time_counts(store: Store, jobs: SqlJobTable) -> None:
    enqueue(store, ("a", {"key": "k"}))
    (job,) = jobs.claim(NOW, 1)
    enqueue(store, ("a", {"key": "k", "at": NOW + HOUR}))
    jobs.again(job.id, NOW)
    assert jobs.depth() == 1
    assert names(jobs) == ["a"]
