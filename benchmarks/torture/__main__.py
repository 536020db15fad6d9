"""The torture campaign: python -m benchmarks.torture embedded|procrastinate --kills N; see docs/benchmarks.md."""

import asyncio
import random
import signal

import click

from benchmarks.measure import conditions
from benchmarks.torture.campaign import ROLES, Plan, Report, torture
from benchmarks.torture.chaos import EVENTS
from benchmarks.torture.cluster import NoServer
from benchmarks.torture.parts import WITHOUT

_SHOWN = 10


@click.command()
@click.argument("engine", type=click.Choice(list(ROLES)))
@click.option("--kills", default=50, show_default=True, help="How many processes are killed.")
@click.option("--deliveries", default=0, help="How many messages are planned (default: 20 for each kill).")
@click.option("--gap", default=2.4, show_default=True, help="Mean seconds between two events.")
@click.option("--patience", default=240.0, show_default=True, help="Seconds without any progress after the last kill.")
@click.option("--tempo", default=1.0, show_default=True, help="A factor on time limits and delays; 1 is the product.")
@click.option("--seed", default=0, help="Of everything random here (default: another one each time).")
@click.option("--without", multiple=True, type=click.Choice(list(WITHOUT)), help="Switch a protection off.")
@click.option("--spare", multiple=True, type=click.Choice(list(EVENTS)[1:]), help="Leave out.")
@click.option("--keep", is_flag=True, help="Keep the folder with logs, record and database.")
def main(
    engine: str,
    kills: int,
    deliveries: int,
    gap: float,
    patience: float,
    tempo: float,
    seed: int,
    without: tuple[str, ...],
    spare: tuple[str, ...],
    keep: bool,
) -> None:
    """Kill, freeze and cut off real processes while they send to a chat that fails, then count what went wrong."""
    seed = seed or random.randrange(1, 10**6)
    events = {name: share for name, share in EVENTS.items() if name not in spare}
    plan = Plan(engine, kills, deliveries or kills * 20, seed, gap, patience, tempo, without, events)
    off = f", without {', '.join(without)}" if without else ""
    print(f"{engine}: {kills} kills, {plan.deliveries} deliveries, seed {seed}{off} ({conditions()})", flush=True)
    try:
        report = asyncio.run(_until_told_to_stop(plan, keep))
    except NoServer as error:
        raise click.ClickException(str(error)) from None
    except asyncio.CancelledError:
        raise click.ClickException("stopped before there was a verdict; everything that was started is gone") from None
    show(report)
    raise SystemExit(0 if report.verdict.good else 1)


async def _until_told_to_stop(plan: Plan, keep: bool) -> Report:
    me = asyncio.current_task()
    assert me is not None, "this runs in a task"
    # As Ctrl-C does: what was started is stopped before this ends.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    return await torture(plan, lambda words: print(words, flush=True), keep)


def show(report: Report) -> None:
    """The whole report; its last line is the verdict."""
    print(f"{report.planned} planned in {report.seconds:.0f} s; {report.starts} processes started")
    print("done to them: " + ", ".join(f"{count} {name}" for name, count in sorted(report.events.items())))
    print("in the table: " + ", ".join(f"{count} {state}" for state, count in sorted(report.states.items())))
    for name in report.verdict.__dataclass_fields__:
        found = getattr(report.verdict, name)
        for words in found[:_SHOWN]:
            print(f"  {name}: {words}")
        if len(found) > _SHOWN:
            print(f"  {name}: and {len(found) - _SHOWN} more")
    print(report.verdict, flush=True)


if __name__ == "__main__":
    main()
