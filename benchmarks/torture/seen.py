"""Does the campaign see each fault? python -m benchmarks.torture.seen embedded|procrastinate [--only PROTECTION].

One short campaign with every protection, which must be good, then one for each with that one switched off, which must
not be. All time limits are shortened by the same factor. What is done to the processes is what provokes that fault.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import click

from benchmarks.measure import conditions
from benchmarks.torture.campaign import ROLES, Plan, Report, torture
from benchmarks.torture.chaos import EVENTS
from benchmarks.torture.cluster import NoServer
from benchmarks.torture.parts import WITHOUT

EVERYTHING = "nothing"
# On a busy machine more of them would only be slower.
_FEW = {"embedded": (("run",),), "procrastinate": (("run",), ("worker",))}


@dataclass(frozen=True)
class Trial:
    """What provokes and shows one fault.

    Attributes:
        shows: the count of the verdict that must not be zero.
        kills: and strikes; of all events where nobody is killed.
        events: what is done to the processes.
    """

    shows: str
    kills: int = 6
    deliveries: int = 200
    patience: float = 60.0
    gap: float = 0.5
    tempo: float = 0.15
    events: Mapping[str, int] = field(default_factory=lambda: dict(EVENTS))


_STILL = {"snare": 1, "stall": 2}
TRIALS = {
    EVERYTHING: Trial("", kills=10),
    "fence": Trial("twice", kills=14, deliveries=150, events=_STILL, gap=2.5, tempo=0.35),
    "freeze-check": Trial("twice", kills=14, deliveries=150, events=_STILL, gap=2.5, tempo=0.35),
    "hold": Trial("twice", kills=6, deliveries=120, events={"strike": 1}, gap=5.0, tempo=0.4),
    "lookup": Trial("twice", kills=3),
    "line": Trial("out_of_order"),
    "edits": Trial("out_of_order", deliveries=400),
    "rescue": Trial("missing", kills=4, gap=3.0, events={"strike": 1}),
    "sweep": Trial("missing", kills=3, events={"kill": 1, "lose": 5}),
    "cancel": Trial("after_cancel", kills=2, deliveries=150, gap=6.0, tempo=0.5),
    # Last: it changes this process too, for good.
    "due": Trial("early", kills=2, deliveries=150, gap=6.0, tempo=0.5),
}
assert set(TRIALS) == {EVERYTHING, *WITHOUT}, "there is a trial for each protection"


@dataclass(frozen=True)
class Seen:
    """How one trial went.

    Attributes:
        good: nothing was wrong with everything on, or just what had to show did.
    """

    off: str
    shows: str
    report: Report

    @property
    def good(self) -> bool:
        """With everything on nothing may be wrong; otherwise that fault must be there."""
        return bool(getattr(self.report.verdict, self.shows)) if self.shows else self.report.verdict.good


async def seen(engine: str, names: Sequence[str], seed: int) -> list[Seen]:
    """One campaign after the other."""
    found = []
    for name in names:
        trial = TRIALS[name]
        without = () if name == EVERYTHING else (name,)
        plan = Plan(
            engine, trial.kills, trial.deliveries, seed, trial.gap, trial.patience, trial.tempo, without, trial.events,
            channels=40, people=100, roles=_FEW[engine],
        )  # fmt: skip
        report = await torture(plan, lambda _words: None)
        found.append(Seen(name, trial.shows, report))
        done = ", ".join(f"{count} {event}" for event, count in sorted(report.events.items()))
        print(f"without {name}: {report.verdict} ({done}; {report.seconds:.0f} s)", flush=True)
    return found


def table(found: Sequence[Seen]) -> Iterator[str]:
    """Lines of Markdown."""
    yield "| Off | must show | it showed | seen |"
    yield "| --- | --- | --- | --- |"
    for one in found:
        counts = [part for part in str(one.report.verdict).split() if not part.endswith("=0")]
        shown = ", ".join(f"`{count}`" for count in counts) or "all 0"
        yield f"| {one.off} | {one.shows or 'nothing'} | {shown} | {'yes' if one.good else '**no**'} |"


@click.command()
@click.argument("engine", type=click.Choice(list(ROLES)))
@click.option("--only", multiple=True, type=click.Choice(list(TRIALS)), help="Just these.")
@click.option("--seed", default=5, show_default=True, help="Of everything random here.")
def main(engine: str, only: tuple[str, ...], seed: int) -> None:
    """Switch off one protection after the other and see that the campaign sees it."""
    print(f"{engine}: each protection off ({conditions()})", flush=True)
    try:
        found = asyncio.run(seen(engine, only or list(TRIALS), seed))
    except NoServer as error:
        raise click.ClickException(str(error)) from None
    print(*table(found), sep="\n", flush=True)
    raise SystemExit(0 if all(one.good for one in found) else 1)


if __name__ == "__main__":
    main()
