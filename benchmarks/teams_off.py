"""What Teams costs an installation that only has Slack: python -m benchmarks.teams_off [--quick].

The product as `rollcall run` starts it, over Socket Mode against a local stand-in for Slack, until `/readyz` answers
200, with the extra `teams` installed; beside the same in a process in which nothing that only the extra brings can be
imported, as if it were not there. Memory is what Linux counts as resident, at rest with an empty register.
"""

import asyncio
import importlib.metadata
import re
import shutil
import statistics
from pathlib import Path

import click

from benchmarks.measure import CACHE, Pair, conditions, millis, table
from benchmarks.plan import OPENING
from benchmarks.processes import Process, environment, rollcall

AIM = "1.0"
# Both sides are started by the same few lines, which only differ in what they are told to refuse.
_PROGRAM = """
import sys
refused = frozenset(sys.argv.pop(1).split(","))

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
from bot.cli.main import main
main(prog_name="rollcall")
"""


def only_of_teams() -> set[str]:
    """The packages to import that are installed for the extra `teams` and for nothing else of the product."""
    plain, teams = _required("rollcall", ""), _required("rollcall", "teams")
    every = importlib.metadata.packages_distributions()
    return {package for package, names in every.items() if {_name(name) for name in names} <= teams - plain}


def _required(name: str, extra: str) -> set[str]:
    """What a distribution needs, and what that needs ..."""
    found: set[str] = set()
    waiting = [(name, extra)]
    while waiting:
        current, wanted = waiting.pop()
        for line in _lines(current):
            needed, _, marker = line.partition(";")
            if "extra" in marker and not (wanted and re.search(rf"""["']{wanted}["']""", marker)):
                continue
            match = re.match(r"[A-Za-z0-9._-]+", needed)
            if match and _name(match[0]) not in found:
                found.add(_name(match[0]))
                waiting.append((match[0], ""))
    return found


def _lines(name: str) -> list[str]:
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        # Of another system or version of Python.
        return []


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


async def started(folder: Path, api_url: str, refused: str) -> tuple[float, float]:
    """Seconds until ready, and MB a second later."""
    program = ("-c", _PROGRAM, refused)
    env = environment(folder, api_url, "socket")
    async with rollcall(env, "--now", OPENING.isoformat(), program=program) as bot:
        await asyncio.sleep(1)
        return bot.ready_after, bot.resident()


async def measure(rounds: int) -> None:
    """By turns."""
    packages = only_of_teams()
    if "microsoft_teams" not in packages:
        raise SystemExit('the extra is not installed: pip install "rollcall[teams]"')
    print(f"without: {', '.join(sorted(packages))}", flush=True)
    folder = CACHE / "teams-off"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sides: dict[str, list[tuple[float, float]]] = {"": [], ",".join(sorted(packages)): []}
    async with Process("-m", "benchmarks.chat", "3") as chat:
        api_url, _ = (await chat.line()).split()
        for refused in sides:
            await started(folder, api_url, refused)
        for n in range(rounds):
            for refused in (list(sides), list(reversed(sides)))[n % 2]:
                sides[refused].append(await started(folder, api_url, refused))
    installed, without = sides.values()
    times = Pair(tuple(one[0] for one in installed), tuple(one[0] for one in without))
    sizes = Pair(tuple(one[1] for one in installed), tuple(one[1] for one in without))
    seconds = [millis(statistics.median(each)) for each in (times.ours, times.theirs)]
    megabytes = [f"{statistics.median(each):.1f} MB" for each in (sizes.ours, sizes.theirs)]
    lines = [
        ("start to ready", *seconds, f"{times.ratio:.2f}", AIM),
        ("memory at rest", *megabytes, f"{sizes.ratio:.2f}", AIM),
    ]
    title = f"Slack only, medians of {rounds} by turns ({conditions()})"
    table(title, ("what", "Teams installed, off", "not there", "ratio", "aim"), lines)


@click.command()
@click.option("--rounds", default=9, show_default=True)
@click.option("--quick", is_flag=True, help="3 rounds.")
def main(rounds: int, quick: bool) -> None:
    """Start and memory of an installation with Slack only, with Teams installed but off, and without."""
    asyncio.run(measure(3 if quick else rounds))


if __name__ == "__main__":
    main()
