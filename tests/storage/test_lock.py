"""The lock file, with a real second process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.lock import AlreadyRunning, DatabaseLock

HOLDER = """
import sys
from pathlib import Path
from storage.lock import AlreadyRunning, DatabaseLock
try:
    with DatabaseLock(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()
except AlreadyRunning as error:
    print(error, flush=True)
"""


def other_process(database: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_process_refuses_and_names_the_first(tmp_path: Path) -> None:
    database = tmp_path / "rollcall.db"
    with DatabaseLock(database), other_process(database) as other:
        line = first_line(other)
    assert f"process {os.getpid()} is already running on {database}" in line


def test_a_killed_process_leaves_no_lock_behind(tmp_path: Path) -> None:
    database = tmp_path / "new folder" / "rollcall.db"
    with other_process(database) as other:
        assert first_line(other) == "held"
        with pytest.raises(AlreadyRunning) as caught:
            DatabaseLock(database).acquire()
        assert caught.value.pid == other.pid
        other.kill()
    with DatabaseLock(database) as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"


def test_two_locks_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    database = tmp_path / "rollcall.db"
    lock = DatabaseLock(database)
    lock.acquire()
    with pytest.raises(AlreadyRunning):
        DatabaseLock(database).acquire()
    lock.release()
    lock.release()
    with DatabaseLock(database):
        pass


def test_a_damaged_lock_file_still_locks(tmp_path: Path) -> None:
    database = tmp_path / "rollcall.db"
    with DatabaseLock(database) as lock:
        lock.path.write_text("?")
        with pytest.raises(AlreadyRunning, match="another process"):
            DatabaseLock(database).acquire()
