"""Where a bot writes first, before Teams has ever called it: by the environment alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.chats.teams_line import make_messenger
from bot.config import Settings, load
from handlers.teams.addresses import Addresses
from handlers.teams.book import Book
from handlers.teams.sender import TeamsMessenger
from reporting.ports import TargetGone
from tests.bot.test_config_teams import ALL, app_yaml
from tests.support.teams import FakeTeams
from tests.support.teams.login import APP_ID, SECRET, TENANT
from tests.support.teams.wired import Wired, wired

PART = {"type": "message", "text": "Good morning"}


def settings_for(
    folder: Path, fake: FakeTeams, services: str, channels: Mapping[str, str] = ALL, **more: str
) -> Settings:
    """Of a bot on the stand-in, as the environment and the shipped policy say."""
    variables = {
        "TEAMS_CLIENT_ID": APP_ID, "TEAMS_TENANT_ID": TENANT, "TEAMS_CLIENT_SECRET": SECRET,
        "TEAMS_LOGIN_URL": fake.login_url, "TEAMS_OPENID_URL": fake.openid_url, "TEAMS_GRAPH_URL": fake.graph_url,
        "TEAMS_SERVICE_URLS": services, **more,
    }  # fmt: skip
    return load(variables, app_yaml(folder, **channels))


@asynccontextmanager
async def started(folder: Path, teams: Wired, services: str, **more: str) -> AsyncIterator[TeamsMessenger]:
    """The sending side as the bot makes it, with an empty address book."""
    book = Book(teams.store, teams.clock, TENANT)
    settings = settings_for(folder, teams.fake, services, ALL, **more).teams
    assert settings is not None
    messenger = make_messenger(settings, book)
    try:
        yield messenger
    finally:
        await messenger.close()


async def test_somebody_new_gets_the_app_before_teams_has_ever_called(tmp_path: Path) -> None:
    async with wired(tmp_path) as teams:
        ana = teams.fake.world.person("Ana Ruiz", installed=False)
        async with started(tmp_path, teams, teams.fake.service_url, TEAMS_INSTALL="true") as messenger:
            await messenger.post(ana.aad, PART, "key")
        assert ana.installed
        assert len(ana.messages()) == 1


async def test_without_installing_a_new_person_cannot_be_reached_and_that_is_told(tmp_path: Path) -> None:
    async with wired(tmp_path) as teams:
        ana = teams.fake.world.person("Ana Ruiz", installed=False)
        async with started(tmp_path, teams, teams.fake.service_url) as messenger:
            with pytest.raises(TargetGone, match="not_installed"):
                await messenger.post(ana.aad, PART, "key")


async def test_files_go_to_a_local_server_too(tmp_path: Path) -> None:
    async with wired(tmp_path) as teams, started(tmp_path, teams, teams.fake.service_url) as messenger:
        await messenger.connector.https.put_file(teams.fake.upload_url, b"a,b")
        assert teams.fake.uploads == {"one": b"a,b"}


@pytest.mark.parametrize(
    ("services", "hosts", "first"),
    [
        ("", ("smba.trafficmanager.net",), "https://smba.trafficmanager.net/teams/"),
        ("smba.example.us,smba.trafficmanager.net", ("smba.example.us", "smba.trafficmanager.net"),
         "https://smba.trafficmanager.net/teams/"),
        ("SMBA.example.us, other.example.us", ("smba.example.us", "other.example.us"),
         "https://smba.example.us/teams/"),
        ("https://smba.example.us/Gov", ("smba.example.us",), "https://smba.example.us/Gov/"),
        ("smba.trafficmanager.net,https://smba.example.us/gov/", ("smba.trafficmanager.net", "smba.example.us"),
         "https://smba.example.us/gov/"),
        ("http://127.0.0.1:5000/teams/", ("127.0.0.1:5000",), "http://127.0.0.1:5000/teams/"),
        ("http://[::1]:5000", ("[::1]:5000",), "http://[::1]:5000/"),
        ("localhost:5000", ("localhost:5000",), "http://localhost:5000/teams/"),
    ],
)  # fmt: skip
def test_the_first_address_follows_from_the_hosts(
    tmp_path: Path, services: str, hosts: tuple[str, ...], first: str
) -> None:
    variables = {"TEAMS_CLIENT_ID": APP_ID, "TEAMS_TENANT_ID": TENANT, "TEAMS_CLIENT_SECRET": SECRET}
    found = load(variables | {"TEAMS_SERVICE_URLS": services}, app_yaml(tmp_path, **ALL)).teams
    assert found is not None
    assert (found.service_hosts, found.service_url) == (hosts, first)
    assert Addresses(found.service_hosts).allow(first)
