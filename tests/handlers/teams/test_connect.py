"""Putting the sending side together."""

from pathlib import Path

import pytest

from handlers.teams.connect import App, bot_scope, connect, graph_scope
from reporting.ports import AppFault
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


def test_each_cloud_has_its_own_tokens() -> None:
    assert bot_scope("https://login.microsoftonline.com/") == "https://api.botframework.com/.default"
    assert bot_scope("https://login.microsoftonline.us") == "https://api.botframework.us/.default"
    assert graph_scope("https://graph.microsoft.com/v1.0/") == "https://graph.microsoft.com/.default"
    assert graph_scope("https://graph.microsoft.us/v1.0") == "https://graph.microsoft.us/.default"
    assert graph_scope("http://127.0.0.1:5000/graph") == "https://graph.microsoft.com/.default"
