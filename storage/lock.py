"""A lock file beside a SQLite database: a second process that would run jobs on it refuses to start.

Without it two processes would each put back the jobs that the other one has in hand, and send messages twice.
The operating system frees the lock when the process ends, however it ends; the file itself stays.
"""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO

if sys.platform == "win32":  # pragma: no cover - the other platform
    import msvcrt

    # Locked bytes cannot be read by others, so a byte far behind the process id is locked.
    _FAR = 1 << 20

    def _try_lock(file: IO[str]) -> None:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        finally:
            file.seek(0)
else:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class AlreadyRunning(Exception):
    """Another process holds the database.

    Attributes:
        pid: its process id, or None when it could not be read.
    """

    def __init__(self, path: Path, pid: int | None) -> None:
        """Of the lock file `path`."""
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{who} is already running on {path.with_suffix('')}; nothing was changed. "
            "Stop it first, or give this one a database of its own."
        )
        self.pid = pid


class DatabaseLock:
    """Held while a process runs jobs on a SQLite file. A context manager.

    Commands that only read do not take it.
    """

    def __init__(self, database: Path) -> None:
        """Beside `database`: `rollcall.db` -> `rollcall.db.lock`."""
        self.path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take it, or refuse at once.

        Raises:
            AlreadyRunning: another process, or another lock of this one, holds it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Opened for appending: the process id of the holder must not be wiped before the lock is ours.
        file = self.path.open("a+", encoding="ascii")
        try:
            _try_lock(file)
        except OSError as error:
            pid = _read_pid(file)
            file.close()
            raise AlreadyRunning(self.path, pid) from error
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let it go; without effect when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> "DatabaseLock":
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""
        self.release()


def _read_pid(file: IO[str]) -> int | None:
    file.seek(0)
    text = file.readline().strip()
    return int(text) if text.isdigit() else None
