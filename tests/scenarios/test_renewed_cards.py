"""A client in Teams asks by itself how an alert stands by now."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.on_teams import staged_in_teams
from tests.scenarios.teams_client import words


async def test_an_alert_is_shown_as_it_stands_now(tmp_path: Path) -> None:
    async with staged_in_teams(tmp_path) as stage:
        await stage.go("2026-09-28", "09:00")
        await stage.report("ben", "CORE", "Red", "The pump broke.")
        await stage.settle()
        alerts, client = stage.place("alerts"), stage.client("carl")
        [posted] = alerts.messages()
        refresh = posted.card["refresh"]["action"]
        assert "CORE" in words(await client.renewed(alerts, posted.id, refresh))
        assert "has this" not in words(posted.card)
        await client.press(stage.posted("ALERTS")[0], "I have this")
        await stage.settle()
        now = await client.renewed(alerts, posted.id, refresh)
        assert "has this since" in words(now)
        assert "refresh" not in now
        assert posted.edits == 1
        # Asked about from elsewhere, or by another number, there is nothing to show.
        other = {**refresh, "data": refresh["data"] | {"rollcall": {"do": "card.refresh", "with": "2"}}}
        for place, action in ((stage.place("lead"), refresh), (alerts, other)):
            assert await client.renewed(place, posted.id, action) == {}
        assert not stage.refusals
