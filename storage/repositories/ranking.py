"""Where a project stands in "worst first, then longest": one number, so that one index finds a page of a list."""

from reporting.model import Rag, Standing

_RANKS: dict[Rag | None, int] = {Rag.RED: 0, Rag.AMBER: 1, None: 2, Rag.GREEN: 3}

# More periods than any project will ever have.
_SPAN = 1_000_000


def held(standing: Standing) -> int:
    """For how many periods the project has been as it is: in its colour, or without a report."""
    return min(standing.missed if standing.rag is None else standing.streak, _SPAN - 1)


def place(rag: Rag | None, periods: int) -> int:
    """The smaller the worse: red, amber, not reported, green, and the longest first in each."""
    return _RANKS[rag] * _SPAN - periods


def places(rag: Rag | None) -> tuple[int, int]:
    """The smallest and the largest place of a colour."""
    return place(rag, _SPAN - 1), place(rag, 0)


def moved(standing: Standing) -> int:
    """1 when worse than the last colour reported before, -1 when better, else 0."""
    if standing.rag is None or standing.last_rag is None:
        return 0
    now, before = standing.rag.severity, standing.last_rag.severity
    return (now > before) - (now < before)


# A project that has no period yet: not reported, for no time.
UNRANKED = place(None, 0)
