"""Graph, and how a conversation is come by when the address book has none."""

from pathlib import Path

import pytest

from handlers.teams.graph import Graph
from handlers.teams.http import Timeouts
from handlers.teams.places import threaded
from reporting.ledger import MessageRef
from reporting.ports import AppFault, RetryLater, TargetGone
from tests.support.teams.wired import Wired, wired

HELLO = {"type": "message", "text": "Hello"}


def graph(teams: Wired) -> Graph:
    assert teams.messenger.graph is not None
    return teams.messenger.graph


async def test_an_app_that_is_there_already_is_found(tmp_path: Path) -> None:
    async with wired(tmp_path, installs=True) as teams:
        ana = teams.fake.world.person("Ana Ruiz")
        assert ana.chat is not None
        assert await graph(teams).install(ana.aad) == ana.chat.id
        assert [refusal.status for refusal in teams.fake.refusals] == [409]


async def test_an_install_with_an_unknown_outcome_can_be_tried_again(tmp_path: Path) -> None:
    async with wired(tmp_path, installs=True) as teams:
        bo = teams.fake.world.person("Bo Li", installed=False)
        await graph(teams)._catalog()
        teams.fake.faults.add("graph", "drop_after")
        with pytest.raises(RetryLater):
            await teams.messenger.post(bo.aad, HELLO, "k")
        assert bo.installed
        await teams.messenger.post(bo.aad, HELLO, "k")
        assert len(bo.messages()) == 1


@pytest.mark.parametrize("missing", ["AppCatalog.Read.All", "TeamsAppInstallation.ReadWriteSelfForUser.All"])
async def test_a_missing_permission_is_our_fault_and_stops_nobody_else(tmp_path: Path, missing: str) -> None:
    async with wired(tmp_path, installs=True) as teams:
        teams.fake.graph.permitted.remove(missing)
        bo = teams.fake.world.person("Bo Li", installed=False)
        with pytest.raises(AppFault, match="Authorization_RequestDenied"):
            await teams.messenger.post(bo.aad, HELLO, "k")


async def test_nobody_gets_an_app(tmp_path: Path) -> None:
    async with wired(tmp_path, installs=True) as teams:
        with pytest.raises(TargetGone):
            await graph(teams).install("99999999-0000-4000-8000-000000000099")


async def test_reading_people_does_not_allow_installing(tmp_path: Path) -> None:
    async with wired(tmp_path, graph=True) as teams:
        bo = teams.fake.world.person("Bo Li", installed=False)
        with pytest.raises(TargetGone, match="not_installed"):
            await teams.messenger.post(bo.aad, HELLO, "k")


async def test_a_conversation_that_took_long_to_make_is_used_at_the_next_attempt(tmp_path: Path) -> None:
    now = [0.0]

    def later() -> float:
        now[0] += 1.0
        return now[0]

    async with wired(tmp_path, monotonic=later) as teams:
        ana = teams.fake.world.person("Ana Ruiz")
        with pytest.raises(RetryLater) as caught:
            await teams.messenger.post(ana.aad, HELLO, "k")
        assert (caught.value.seconds, caught.value.all_wait) == (0.0, False)
        assert ana.messages() == []
        await teams.messenger.post(ana.aad, HELLO, "k")
        assert len(teams.fake.of("create")) == 1
        assert len(ana.messages()) == 1


async def test_a_slow_login_is_no_doubt_about_the_message(tmp_path: Path) -> None:
    async with wired(tmp_path, timeouts=Timeouts(total=0.3)) as teams:
        ana = teams.met(teams.fake.world.person("Ana Ruiz"))
        teams.fake.faults.add("token", "slow", seconds=1.0)
        with pytest.raises(RetryLater, match="login_unreached"):
            await teams.messenger.post(ana.aad, HELLO, "k")
        assert teams.fake.of("send") == []


@pytest.mark.parametrize(
    ("conversation", "root", "expected"),
    [
        ("19:a@thread.tacv2", "19:a@thread.tacv2", "19:a@thread.tacv2;messageid=7"),
        ("19:a@thread.tacv2", "19:a@thread.tacv2;messageid=3", "19:a@thread.tacv2;messageid=3"),
        ("19:a@thread.skype", "19:a@thread.skype", "19:a@thread.skype;messageid=7"),
        ("19:a_b@unq.gbl.spaces", "19:a_b@unq.gbl.spaces", "19:a_b@unq.gbl.spaces"),
        ("19:a@thread.v2", "19:a@thread.v2", "19:a@thread.v2"),
        ("a:1", "a:1", "a:1"),
    ],
)
def test_only_channels_have_threads(conversation: str, root: str, expected: str) -> None:
    assert threaded(conversation, MessageRef(root, "7")) == expected
    assert threaded(conversation, None) == conversation


async def test_without_the_permission_to_read_people_the_rosters_are_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with wired(tmp_path, installs=True) as teams:
        world = teams.fake.world
        ana, cy = world.person("Ana Ruiz", installed=False), world.person("Cy Dee", installed=False)
        teams.met_team(world.team("Research", [ana]))
        teams.fake.graph.permitted.discard("User.Read.All")
        profile = await teams.messenger.profile(ana.aad)
        assert profile is not None
        assert profile.name == "Ana Ruiz"
        found = await teams.messenger.lookup(ana.mail)
        assert found is not None
        assert found.name == "Ana Ruiz"
        # In no roster, and the directory does not tell.
        assert (await teams.messenger.profile(cy.aad), await teams.messenger.lookup(cy.mail)) == (None, None)
        told = [record for record in caplog.records if "User.Read.All" in record.getMessage()]
        assert [record.levelname for record in told] == ["WARNING"]
        teams.fake.graph.permitted.add("User.Read.All")
        assert await teams.messenger.profile(cy.aad) is not None
