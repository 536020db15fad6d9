"""What another workspace's or organisation's installation sends is answered in private, and goes no further."""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import Any

import pytest

from handlers.slack.border import foreign
from handlers.slack.sender import Self
from reporting import interactions as i
from reporting import messages as m
from tests.handlers.slack.conftest import Bench
from tests.handlers.slack.test_app import FORM, say, shown

SORRY = "This app works for another workspace"
FAR: dict[str, Any] = {"team_id": "T0FAR", "team": {"id": "T0FAR", "domain": "far"}}


def from_far(payload: dict[str, Any]) -> dict[str, Any]:
    """The same payload as another workspace's installation would send it."""
    far = deepcopy(payload)
    if "command" in far:
        return far | {"team_id": "T0FAR"}
    if far["type"] == "event_callback":
        far["authorizations"][0]["team_id"] = "T0FAR"
        return far | {"team_id": "T0FAR", "event_id": "EvFAR"}
    far["user"]["team_id"] = "T0FAR"
    if "view" in far:
        far["view"]["app_installed_team_id"] = "T0FAR"
    return far | {"team": FAR["team"]}


async def again_from_far(running: Bench, name: str, kind: str = "interactive") -> Any:
    """Hand over the newest delivery of a name once more, from far away; what is answered."""
    payload = running.pg.log.deliveries(name)[-1].payload
    running.desk.heard.clear()
    ack = await running.pg.courier.deliver(kind, name, from_far(payload))
    await running.settled()
    assert ack.ok
    assert running.desk.heard == []
    return ack.body


async def test_a_command_from_elsewhere_is_answered_in_the_acknowledgement(
    both: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    both.desk.replies["command"] = say("ATLAS is red.")
    ana = both.pg.person("U1")
    await ana.command("/rag kryptonite", "C1")
    await both.settled()
    before = len(both.pg.log.calls())
    with caplog.at_level(logging.INFO):
        body = await again_from_far(both, "/rag", "slash_commands")
    assert (body["response_type"], SORRY in body["text"]) == ("ephemeral", True)
    assert "ATLAS" not in str(body)
    assert len(both.pg.log.calls()) == before
    [line] = [record for record in caplog.records if "another workspace" in record.getMessage()]
    assert "T0FAR" in line.getMessage()
    assert "kryptonite" not in caplog.text


async def test_a_click_from_elsewhere_is_answered_through_its_response_url(both: Bench) -> None:
    both.desk.replies["alert.ack"] = say("Thank you.")
    part = both.messenger.render(m.Message("s", (m.Actions((m.Button("alert.ack", "Mine", "7"),)),)), {})[0]
    ref = await both.messenger.post("C1", part, "alert:7#0")
    ana = both.pg.person("U1")
    await ana.click("C1", ref.message_id, "alert.ack")
    await both.settled()
    before = ana.ephemerals("C1")
    await again_from_far(both, "block_actions")
    [answer] = ana.ephemerals("C1")[len(before) :]
    assert SORRY in answer.text + shown(answer)
    assert SORRY not in str([message.text for message in both.pg.person("U2").messages("C1")])


async def test_a_form_from_elsewhere_stays_open_and_says_so(both: Bench) -> None:
    both.desk.replies["report.open"] = (i.OpenForm(FORM),)
    ana = both.pg.person("U1")
    await ana.shortcut("report")
    await both.settled()
    await ana.submit(values={"Overall": "Green", "Headline": "Fine"})
    await both.settled()
    body = await again_from_far(both, "view_submission")
    assert body["response_action"] == "errors"
    assert SORRY in str(body["errors"])
    assert await again_from_far(both, "shortcut") in (None, "", {})


async def test_an_event_from_elsewhere_is_acknowledged_and_nothing_else(both: Bench) -> None:
    both.desk.replies["command"] = say("ATLAS is red.")
    ana = both.pg.person("U1")
    await ana.say("red")
    await both.settled()
    before = len(both.pg.log.calls())
    await again_from_far(both, "message", "events_api")
    assert len(both.pg.log.calls()) == before


@pytest.mark.parametrize(
    ("own", "enterprise", "team", "far"),
    [
        (None, None, "T1", False),
        (None, None, "T2", True),
        (None, "E2", "T2", True),
        (None, "E2", "T1", False),
        (None, None, None, False),
        ("E1", "E1", "T2", False),
        ("E1", "E1", None, False),
        ("E1", "E2", "T2", True),
        ("E1", "E2", None, True),
        ("E1", None, "T2", True),
        ("E1", None, "E1", False),
    ],
)
def test_whose_installation_it_is(own: str | None, enterprise: str | None, team: str | None, far: bool) -> None:
    me = Self("T1", "Acme", "U0", "B0", own)
    assert foreign(me, enterprise, team) is far
