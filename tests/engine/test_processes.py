"""Real processes on one database: killed, frozen, joined by others, and the server restarted under them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.engine.choice import make_store, prepare
from tests.engine.bench import Bench
from tests.engine.crew import Crew
from tests.support.databases import database
from tests.support.server import own_server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SKIPPED: there is no SIGKILL on Windows")


@pytest.fixture
def crew(bench: Bench, tmp_path: Path) -> Iterator[Crew]:
    """Processes on either kind of database."""
    crew = Crew(bench.url, tmp_path)
    yield crew
    crew.dismiss()


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Crew]:
    """Processes on PostgreSQL, where there may be several."""
    with database("postgres", tmp_path) as url:
        prepare(url)
        crew = Crew(url, tmp_path)
        yield crew
        crew.dismiss()


def put(crew: Crew, numbers: range, seconds: float = 0.0) -> None:
    """Enqueue jobs, one transaction for all."""
    store = make_store(crew.url)
    with store.begin() as uow:
        for n in numbers:
            uow.jobs.enqueue("work", {"n": n, "seconds": seconds}, key=f"work:{n}")
    store.dispose()


def left(crew: Crew) -> set[str]:
    store = make_store(crew.url)
    with store.read() as uow:
        keys = uow.jobs.keys("work")
    store.dispose()
    return keys


def all_ended(crew: Crew, count: int) -> bool:
    return len(crew.times("end")) == count


def catch_at_work(crew: Crew, process: subprocess.Popen[bytes]) -> None:
    """Stop a process while it has something in hand."""
    for _ in range(200):
        process.send_signal(signal.SIGSTOP)
        if sum(crew.times("begin").values()) > sum(crew.times("end").values()):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    raise AssertionError("it never had anything in hand")


def test_what_a_killed_process_had_in_hand_is_run_again(crew: Crew) -> None:
    put(crew, range(12), seconds=0.4)
    first = crew.hire()
    crew.until(lambda: len(crew.times("end")) >= 4)
    catch_at_work(crew, first)
    first.kill()
    first.wait()
    done = crew.times("end")
    assert len(done) < 12
    crew.hire()
    crew.until(lambda: all_ended(crew, 12))
    # On SQLite the end of a job may not have been written down; then it runs once more. Nothing else does.
    again = [n for n in range(12) if crew.times("begin")[n] > 1]
    assert len(again) <= 8
    assert max(crew.times("begin").values()) == 2
    crew.until(lambda: not left(crew))


def test_a_process_that_is_told_to_end_ends_what_it_has_in_hand(crew: Crew) -> None:
    put(crew, range(12), seconds=0.3)
    first = crew.hire()
    crew.until(lambda: len(crew.times("end")) >= 4)
    first.send_signal(signal.SIGTERM)
    assert first.wait(10) == 0
    assert crew.times("begin") == crew.times("end")
    assert len(crew.times("end")) < 12
    crew.hire()
    crew.until(lambda: all_ended(crew, 12))
    assert set(crew.times("begin").values()) == {1}


def test_several_processes_share_the_work_and_run_nothing_twice(team: Crew) -> None:
    processes = [team.hire() for _ in range(2)]
    put(team, range(60), seconds=0.05)
    team.until(lambda: all_ended(team, 60))
    # Both have worked: the second may be told to end, and the rest is done by the first.
    put(team, range(60, 120), seconds=0.05)
    team.until(lambda: len(team.times("end")) > 80)
    processes[1].send_signal(signal.SIGTERM)
    assert processes[1].wait(10) == 0
    team.until(lambda: all_ended(team, 120))
    assert set(team.times("begin").values()) == {1}
    assert not left(team)


def test_another_process_takes_over_from_a_killed_one(team: Crew) -> None:
    first = team.hire()
    put(team, range(4), seconds=60)
    team.until(lambda: len(team.times("begin")) == 4)
    store = make_store(team.url)
    with store.writing() as db:
        # What they have in hand would take a minute; whoever takes over need not wait so long.
        db.exec_driver_sql("UPDATE procrastinate_jobs SET args = jsonb_set(args, '{args,seconds}', '0')")
    store.dispose()
    team.hire()
    killed = time.monotonic()
    first.kill()
    first.wait()
    team.until(lambda: all_ended(team, 4))
    # Ten seconds of silence, then at the next of the looks that come every three.
    assert time.monotonic() - killed < 20
    assert set(team.times("begin").values()) == {2}
    assert set(team.times("end").values()) == {1}


def test_a_frozen_process_loses_nothing(team: Crew) -> None:
    """What it had in hand runs again elsewhere; what it does when it thaws is for the handlers to bear."""
    first = team.hire(concurrency=2)
    put(team, range(10), seconds=1.0)
    team.until(lambda: len(team.times("begin")) >= 2)
    first.send_signal(signal.SIGSTOP)
    in_hand = {n for n in range(10) if team.times("begin")[n] > team.times("end")[n]}
    team.hire(concurrency=4)
    time.sleep(12)
    first.send_signal(signal.SIGCONT)
    team.until(lambda: all_ended(team, 10))
    team.until(lambda: not left(team))
    time.sleep(1.5)
    begun = team.times("begin")
    assert {n for n in range(10) if begun[n] > 1} <= in_hand
    assert max(begun.values()) <= 2
    # It is one of the crew again.
    put(team, range(10, 30), seconds=0.1)
    team.until(lambda: all_ended(team, 30))
    assert {begun for n, begun in team.times("begin").items() if n >= 10} == {1}


def test_several_processes_may_make_the_tables_at_once(tmp_path: Path) -> None:
    code = "import sys; from bot.engine.choice import prepare; prepare(sys.argv[1])"
    with database("postgres", tmp_path) as url:
        starting = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
        assert [process.wait(60) for process in starting] == [0, 0, 0]
        put(Crew(url, tmp_path), range(1))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_server_is_restarted_under_running_engines(tmp_path: Path, mode: str) -> None:
    with own_server() as server:
        prepare(server.url)
        crew = Crew(server.url, tmp_path)
        try:
            crew.hire()
            crew.hire()
            put(crew, range(40), seconds=0.3)
            crew.until(lambda: len(crew.times("end")) >= 6)
            server.stop(mode)
            time.sleep(3)
            server.start()
            crew.until(lambda: all_ended(crew, 40), 60)
            put(crew, range(40, 50))
            crew.until(lambda: all_ended(crew, 50))
            assert all(process.poll() is None for process in crew.processes)
            crew.until(lambda: not left(crew))
            # At most what was in hand when the server went.
            assert sum(begun > 1 for begun in crew.times("begin").values()) <= 8
            assert max(crew.times("begin").values()) <= 2
        finally:
            crew.dismiss()
