"""Putting the sending side together."""

import asyncio
from pathlib import Path

import pytest

from handlers.teams.connect import App, bot_scope, connect, graph_scope
from handlers.teams.limits import TENANT_SPACING
from reporting.ports import AppFault, RetryLater
from tests.support.teams import APP_ID, TENANT, FakeTeams
from tests.support.teams.wired import Wired, wired


async def test_without_a_login_only_this_machine_is_spoken_to(tmp_path: Path) -> None:
    async with wired(tmp_path) as teams:
        alone = connect(App(APP_ID, TENANT, None), teams.book, services=["127.0.0.1", "smba.trafficmanager.net"])
        await alone.start()
        with pytest.raises(AppFault, match="service_url_not_allowed"):
            await alone.say("a:1", "https://smba.trafficmanager.net/emea/", {"type": "message", "text": "x"})
        assert alone.graph is None
        await alone.close()
        assert teams.fake.calls == []


async def test_what_goes_wrong_is_told(tmp_path: Path) -> None:
    async with wired(tmp_path) as teams:
        assert isinstance(teams, Wired)
        assert isinstance(teams.fake, FakeTeams)
        ana = teams.met(teams.fake.world.person("Ana Ruiz"))
        with pytest.raises(AppFault):
            await teams.messenger.post(ana.aad, {"type": "nonsense"}, "k")
        assert [(method, error.code) for method, error in teams.told] == [("send", "BadSyntax")]


@pytest.mark.parametrize("spacing", [0.0, TENANT_SPACING])
async def test_not_more_calls_go_in_a_second_than_teams_takes(tmp_path: Path, spacing: float) -> None:
    """Fifty at once; without a pace the stand-in refuses what is too much.

    Its seconds are short by a tenth: on a busy machine what leaves evenly does not arrive so.
    """
    async with wired(tmp_path, rates=True, spacing=spacing) as teams:
        teams.fake.rates.app = ((25, 0.9),)
        people = [teams.met(teams.fake.world.person(f"Lead {n}")) for n in range(50)]
        await teams.messenger.start()
        posts = [teams.messenger.post(one.aad, {"type": "message", "text": "x"}, f"k{one.aad}") for one in people]
        ends = await asyncio.gather(*posts, return_exceptions=True)
        refused = [end for end in ends if isinstance(end, RetryLater)]
        assert len(refused) == (0 if spacing else 25)
        assert not [end for end in ends if isinstance(end, BaseException) and end not in refused]


def test_each_cloud_has_its_own_tokens() -> None:
    assert bot_scope("https://login.microsoftonline.com/") == "https://api.botframework.com/.default"
    assert bot_scope("https://login.microsoftonline.us") == "https://api.botframework.us/.default"
    assert graph_scope("https://graph.microsoft.com/v1.0/") == "https://graph.microsoft.com/.default"
    assert graph_scope("https://graph.microsoft.us/v1.0") == "https://graph.microsoft.us/.default"
    assert graph_scope("http://127.0.0.1:5000/graph") == "https://graph.microsoft.com/.default"
