"""Which account of a person is written to."""

import pytest

from reporting.model import Identity, Person, account_of

SLACK = Identity("slack", "T1", "U1")
TEAMS = Identity("teams", "tenant", "entra-1")
SECOND = Identity("teams", "tenant", "entra-2")
BOTH = {"slack", "teams"}


@pytest.mark.parametrize(
    ("identities", "prefers", "platforms", "expected"),
    [
        pytest.param((SLACK,), None, {"slack"}, SLACK, id="one account"),
        pytest.param((SLACK, TEAMS), None, BOTH, SLACK, id="without a wish the first"),
        pytest.param((TEAMS, SLACK), None, BOTH, TEAMS, id="first is first, whichever it is"),
        pytest.param((SLACK, TEAMS), "teams", BOTH, TEAMS, id="the wish counts"),
        pytest.param((SLACK, TEAMS, SECOND), "teams", BOTH, TEAMS, id="the first of those of the wish"),
        pytest.param((SLACK,), "teams", BOTH, SLACK, id="a wish without an account"),
        pytest.param((SLACK, TEAMS), "teams", {"slack"}, SLACK, id="the wish is not at hand"),
        pytest.param((SLACK, TEAMS), None, {"teams"}, TEAMS, id="the first is not at hand"),
        pytest.param((SLACK,), None, {"teams"}, None, id="no account at hand"),
        pytest.param((), "teams", BOTH, None, id="no account at all"),
    ],
)
def test_account_of(
    identities: tuple[Identity, ...], prefers: str | None, platforms: set[str], expected: Identity | None
) -> None:
    assert account_of(Person(1, "Ana", prefers=prefers, identities=identities), platforms) == expected
