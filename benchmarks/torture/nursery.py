"""Starts the product's processes quickly: python -m benchmarks.torture.nursery TEMPO [PROTECTION ...].

It imports the product once and forks: each child is `rollcall run` or `rollcall worker` from its first line on, with an
environment and a log of its own. For each line on its standard input (JSON: `args`, `env`, `log`) it prints the process
id of a child. When its standard input ends, every child that is left is killed.
"""

import gc
import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

from benchmarks.torture import parts

_PRODUCT = ("bot.cli.main", "bot.cli.running", "bot.cli.known", "bot.engine.embedded", "bot.engine.distributed")


def _child(order: dict[str, Any]) -> None:
    """Become a process of the product; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for end, file in enumerate((nothing, log, log)):
            os.dup2(file, end)
        os.environ.update(order["env"])
        gc.enable()
        importlib.import_module("bot.cli.main").main(order["args"], prog_name="rollcall")
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        os._exit(code)


def main() -> None:
    """Until the standard input ends."""
    for name in _PRODUCT:
        importlib.import_module(name)
    parts.apply(sys.argv[2:], float(sys.argv[1]))
    gc.collect()
    gc.freeze()
    # Nobody waits for the children here: the system forgets them as they end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children: list[int] = []
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        children.append(pid)
        print(pid, flush=True)
    for pid in children:
        if is_child(pid, os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def is_child(pid: int, parent: int) -> bool:
    """Whether this process is alive and was started by that one: process ids are used again."""
    return state_of(pid, parent) not in ("", "Z")


def state_of(pid: int, parent: int) -> str:
    """The letter that Linux has for a process (T: it stands still); empty when it is not that one's child."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - called often
            state, above = file.read().rpartition(")")[2].split()[:2]
    except OSError:
        return ""
    return state if int(above) == parent else ""


if __name__ == "__main__":
    main()
