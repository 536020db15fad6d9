"""What stands between the Agents Playground and the bot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from click.testing import CliRunner

from bot.cli.demo_teams import in_the_playground
from bot.cli.main import main
from bot.config import load_policy
from bot.demo_data.company import read_company
from bot.demo_teams.absent import Absent, chat_of
from bot.demo_teams.bridge import Bridge, Showing
from bot.demo_teams.cards import Pressed, opens_dialog, plainer
from bot.demo_teams.people import CHANNEL, TEAM, account, user_id
from handlers.teams.data import click_data, opening_data
from reporting.model import Role
from tests.bot.test_agents_playground import free_port

DEMO = Path(__file__).parents[2] / "bot" / "demo_data" / "app.yaml"
VISITOR = {"id": "29:ana", "name": "Ana", "aadObjectId": "a", "tz": "Europe/Lisbon"}


def test_a_button_for_a_dialog_is_sent_and_known_again() -> None:
    opening = {"type": "Action.Submit", "data": opening_data("report.open", "7:1", "message")}
    other = {"type": "Action.Execute", "data": click_data("ack", "1", "message")}
    card = {"type": "AdaptiveCard", "msteams": {"width": "Full", "entities": []}, "actions": [opening, other]}
    made = plainer({"attachments": [{"content": card}]})["attachments"][0]["content"]
    assert made["msteams"] == {"entities": []}
    assert "msteams" not in made["actions"][0]["data"]
    assert made["actions"][1] == other
    assert opens_dialog(made["actions"][0]["data"])
    assert not opens_dialog(other["data"])
    assert not opens_dialog(None)


@pytest.mark.parametrize(("place", "kind"), [("a:chat", "personal"), (f"{CHANNEL};messageid=1", "channel")])
def test_a_dialog_is_asked_for_as_teams_does(place: str, kind: str) -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    made = Pressed(place, "5").invoke("task/fetch", {"x": 1}, VISITOR, "http://127.0.0.1/_connector", now)
    assert (made["type"], made["name"], made["value"]["data"]) == ("invoke", "task/fetch", {"x": 1})
    assert (made["conversation"]["id"], made["conversation"]["conversationType"]) == (place, kind)
    assert made["replyToId"] == "5"


def test_people_who_are_not_shown_answer() -> None:
    absent = Absent(read_company(), ["carl"])
    chat = f"/v3/conversations/{chat_of('carl')}"
    assert absent.answer("POST", "/v3/conversations", {"members": [{"id": account("carl")}]}) == (
        201, {"id": chat_of("carl")},
    )  # fmt: skip
    assert absent.answer("POST", "/v3/conversations", {"members": [{"id": user_id("ana")}]}) is None
    status, member = absent.answer("GET", f"{chat}/members/x", None) or (0, {})
    assert (status, member["name"]) == (200, "Carl Weston")
    status, roster = absent.answer("GET", f"{chat}/pagedmembers", None) or (0, {})
    assert roster == {"members": [member]}
    assert (absent.answer("POST", f"{chat}/activities", {}) or (0,))[0] == 201
    assert (absent.answer("PUT", f"{chat}/activities/1", {}) or (0,))[0] == 200
    assert absent.answer("POST", "/v3/conversations/a:personal-chat/activities", {}) is None


def test_the_policy_names_the_two_channels_and_the_visitor() -> None:
    policy = in_the_playground(load_policy(DEMO))
    assert [digest.channel for digest in policy.digests] == [CHANNEL]
    assert {alert.channel for alert in policy.alerts} == {TEAM}
    assert "ana.ferreira@lumenfold.example" in policy.roles[Role.PMO]
    assert read_company().people["ana"].email in policy.roles[Role.PMO]


async def test_other_sites_are_kept_out() -> None:
    showing = Showing(VISITOR, "<b>", (), Path(__file__))
    bridge = Bridge(showing, Absent(read_company(), ()), lambda: "Monday", free_port())
    await bridge.start()
    try:
        async with ClientSession() as session:
            assert await _status(session, bridge.url) == 200
            assert await _status(session, bridge.url, Host="evil.example") == 403
            assert await _status(session, bridge.url, Origin="https://evil.example") == 403
            assert await _status(session, f"{bridge.url}/_rollcall/people.py") == 404
            async with session.get(bridge.url) as answer:
                assert "<b>" not in await answer.text()
    finally:
        await bridge.stop()


async def _status(session: ClientSession, url: str, **headers: Any) -> int:
    async with session.get(url, headers=headers) as answer:
        return answer.status


def test_without_node_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(main, ["demo-teams", "--folder", str(tmp_path / "playground")])
    assert result.exit_code == 1
    assert "Install Node" in result.output
    assert "Traceback" not in result.output
