"""What the doctor finds where Teams will not work, and what it says to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.chats import Finding, make_checks
from bot.doctor import examine
from tests.bot.test_teams_first import settings_for
from tests.support.teams import FakeTeam
from tests.support.teams.wired import Wired, wired


@dataclass
class Surgery:
    """A bot on the stand-in, and a team with the channels that the policy names."""

    folder: Path
    teams: Wired
    team: FakeTeam
    channels: dict[str, str] = field(default_factory=dict)

    async def findings(self, ahead: timedelta = timedelta(), **more: str) -> dict[str, Finding]:
        """The findings by what they are about."""
        fake = self.teams.fake
        settings = settings_for(self.folder, fake, fake.service_url, self.channels, **more)
        checks = make_checks(settings.slack, settings.teams, store=self.teams.store).values()
        try:
            found = await examine(settings, self.teams.store, checks, datetime.now(UTC) + ahead)
        finally:
            for each in checks:
                await each.close()
        assert len({one.about for one in found}) == len(found)
        return {one.about: one for one in found}

    async def wrong(self, ahead: timedelta = timedelta(), **more: str) -> dict[str, str]:
        """What fails, with its text."""
        return {about: one.text for about, one in (await self.findings(ahead, **more)).items() if not one.good}


@pytest.fixture
async def doctor(tmp_path: Path) -> AsyncIterator[Surgery]:
    async with wired(tmp_path) as teams:
        team = teams.fake.world.team("Research", [teams.fake.world.person("Ana Ruiz")])
        channels = {name: team.channel(name.capitalize()).id for name in ("leadership", "alerts", "pmo")}
        yield Surgery(tmp_path, teams, team, channels)


async def test_where_all_is_well_nothing_fails(doctor: Surgery) -> None:
    doctor.teams.met_team(doctor.team)
    found = await doctor.findings(TEAMS_INSTALL="true")
    assert [one for one in found.values() if not one.good] == []
    assert found["login"].text == "Microsoft lets us in"
    assert found["keys of Teams"].text == "can be fetched"
    assert found["directory"].text == "people can be looked up"
    assert found["app catalogue"].text == "the app is in it"
    assert found[f"channel Pmo ({doctor.channels['pmo']})"].text == "the app is in it"
    assert "calls of Teams" not in found


async def test_while_teams_has_not_called_that_is_told_and_no_fault(doctor: Surgery) -> None:
    found = await doctor.findings()
    assert found["calls of Teams"].good
    assert found["calls of Teams"].text.startswith("Teams has not called yet")
    assert found[f"channel {doctor.channels['pmo']}"].good
    # Without TEAMS_INSTALL the directory is not needed.
    assert "directory" not in found
    assert doctor.teams.fake.of("graph") == []


@pytest.mark.parametrize("fault", [{"status": 503}, {"kind": "drop_before"}, {"status": 200, "body": {"a": 1}}])
async def test_keys_that_cannot_be_fetched(doctor: Surgery, fault: dict[str, object]) -> None:
    doctor.teams.fake.faults.add("openid", times=None, **fault)  # type: ignore[arg-type]
    wrong = await doctor.wrong()
    assert list(wrong) == ["keys of Teams"]
    assert "cannot be fetched" in wrong["keys of Teams"]
    assert "TEAMS_OPENID_URL" in wrong["keys of Teams"]


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_clock_that_is_too_far_from_microsofts(doctor: Surgery, minutes: int) -> None:
    # The doctor is told the time, as by a machine whose clock is wrong.
    wrong = await doctor.wrong(timedelta(minutes=minutes))
    assert list(wrong) == ["clock in Teams"]
    assert "tokens are refused beyond 5 minutes" in wrong["clock in Teams"]
    assert (await doctor.findings(timedelta(minutes=minutes * 2 / 3)))["clock in Teams"].good


async def test_a_login_that_refuses_says_so_and_nothing_else_is_asked(doctor: Surgery) -> None:
    doctor.teams.fake.login.closed = True
    wrong = await doctor.wrong(TEAMS_INSTALL="true")
    assert list(wrong) == ["login"]
    assert "Set a new one, then start Rollcall again" in wrong["login"]


async def test_a_directory_that_does_not_let_us_install(doctor: Surgery) -> None:
    graph = doctor.teams.fake.graph
    graph.published = False
    wrong = await doctor.wrong(TEAMS_INSTALL="true")
    assert list(wrong) == ["app catalogue"]
    assert "app_not_in_catalog" in wrong["app catalogue"]
    assert "rollcall manifest teams" in wrong["app catalogue"]
    graph.permitted.clear()
    wrong = await doctor.wrong(TEAMS_INSTALL="true")
    assert list(wrong) == ["directory", "app catalogue"]
    assert "the application permission User.Read.All" in wrong["directory"]
    assert "the application permission AppCatalog.Read.All" in wrong["app catalogue"]


async def test_a_directory_that_does_not_answer_is_not_one_that_refuses(doctor: Surgery) -> None:
    doctor.teams.fake.faults.add("graph", times=None, status=503)
    wrong = await doctor.wrong(TEAMS_INSTALL="true")
    assert list(wrong) == ["directory", "app catalogue"]
    assert all("does not answer now" in text for text in wrong.values())


async def test_no_token_for_the_directory(doctor: Surgery) -> None:
    wrong = await doctor.wrong(TEAMS_INSTALL="true", TEAMS_GRAPH_URL="https://graph.example.invalid/v1.0/")
    assert list(wrong) == ["directory"]
    assert "no token for Graph can be had (invalid_scope" in wrong["directory"]
    assert "see that TEAMS_GRAPH_URL is your cloud's" in wrong["directory"]


@pytest.mark.parametrize(
    ("status", "code", "cure"),
    [
        (404, "ConversationNotFound", "add the app there"),
        (403, "BotNotInConversationRoster", "add the app there"),
        (403, "BotDisabledByAdmin", "They can allow it in the Teams admin center"),
        (503, "ServiceError", "does not answer now"),
        (400, "BadArgument", "docs/teams.md"),
        (401, "Unauthorized", "See in Azure whether the bot"),
    ],
)
async def test_each_refusal_of_a_channel_has_a_cure_of_its_own(
    doctor: Surgery, status: int, code: str, cure: str
) -> None:
    doctor.teams.met_team(doctor.team)
    pmo = doctor.channels["pmo"]
    doctor.teams.fake.faults.add("members", times=None, status=status, code=code, conversation=pmo)
    wrong = await doctor.wrong()
    assert list(wrong) == [f"channel Pmo ({pmo})"]
    (text,) = wrong.values()
    assert cure in text
    assert ("add the app there" in text) == (cure == "add the app there")


async def test_a_team_that_is_known_to_be_gone_and_a_name_over_several_lines(doctor: Surgery) -> None:
    doctor.teams.met_team(doctor.team)
    pmo, alerts = doctor.channels["pmo"], doctor.channels["alerts"]
    doctor.teams.book.gone(pmo, "the channel was deleted")
    doctor.teams.book.met(alerts, "channel", alerts, doctor.teams.fake.service_url, "Red\nok    all: well\x1b[2J")
    found = await doctor.findings()
    assert "Restore it in the team's settings" in found[f"channel Pmo ({pmo})"].text
    assert f"channel Redok    all: well[2J ({alerts})" in found


async def test_every_place_that_names_a_channel_is_told(doctor: Surgery) -> None:
    gone = "19:gone@thread.tacv2"
    doctor.channels = dict.fromkeys(doctor.channels, gone)
    wrong = await doctor.wrong()
    assert list(wrong) == [f"channel {gone}"]
    for place in ("pmo_channel", "digest leadership", "alert "):
        assert place in wrong[f"channel {gone}"]
    # Asked once, though several name it: at most one more time at another address.
    assert len(doctor.teams.fake.of("members")) == 1


async def test_a_host_that_the_settings_do_not_name(doctor: Surgery) -> None:
    pmo = doctor.channels["pmo"]
    doctor.teams.book.met(pmo, "channel", pmo, "https://smba.example.invalid/teams/", "Pmo")
    wrong = await doctor.wrong()
    assert "TEAMS_SERVICE_URLS" in wrong[f"channel Pmo ({pmo})"]
