"""Lists the benchmarks, or runs them one after the other: python -m benchmarks [all] [--quick]."""

import importlib

import click

from benchmarks.measure import conditions

ALL = {
    "ack": "acknowledgements under 50 requests a second, against a bare Bolt app",
    "queries": "questions to 10,000 projects and 260 periods, against hand-written SQL",
    "digest": "a digest of 1,000 projects, against plain Jinja2 and JSON",
    "start": "start to ready and memory, against mere imports",
    "fanout": "10,000 prompts at once against limits of rate, an alert among them, on both engines",
    "throughput": "jobs that do nothing, and waking from idleness, against the bare libraries, on both engines",
    "growth": "plan and send one delivery with up to a million finished ones, on both engines",
    "imports": "how long somebody who writes meanwhile waits for an import, on both engines",
    "plan": "a look at the clock when nothing is due, 10,000 projects against 100",
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*ALL, "all"]))
@click.option("--quick", is_flag=True, help="Smaller and shorter.")
def main(names: tuple[str, ...], quick: bool) -> None:
    """Run benchmarks by name; without a name, list them."""
    if not names:
        for name, what in ALL.items():
            print(f"{name:<10}  {what}")
        print("\nmake bench BENCH=all, or BENCH='queries plan --quick'; docs/benchmarks.md says what is compared.")
        return
    for name in ALL if "all" in names else names:
        print(f"\n=== {name} ({conditions()})", flush=True)
        importlib.import_module(f"benchmarks.{name}").main(["--quick"] if quick else [], standalone_mode=False)


if __name__ == "__main__":
    main()
