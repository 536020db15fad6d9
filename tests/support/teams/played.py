"""Activities as Teams sends them to a bot."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.support.teams.login import APP_ID, TENANT
from tests.support.teams.world import FakePerson, Place

Json = dict[str, Any]
BOT: Json = {"id": f"28:{APP_ID}", "name": "Rollcall"}
_NUMBERS = count(1)


def activity(service_url: str, person: FakePerson, place: Place, **more: Any) -> Json:
    """A message, or what `more` makes of it; `thread` is the id of the message in whose thread it stands."""
    thread = more.pop("thread", "")
    made: Json = {
        "type": "message", "id": f"in-{next(_NUMBERS)}", "channelId": "msteams", "serviceUrl": service_url,
        "timestamp": "2026-11-23T08:00:00Z", "localTimestamp": "2026-11-23T09:00:00+01:00",
        "localTimezone": "Europe/Berlin", "locale": "en-GB", "from": person.account(), "recipient": BOT,
        "conversation": _conversation(place, thread), "channelData": _channel_data(place),
        "entities": [{"type": "clientInfo", "locale": "en-GB", "country": "DE", "platform": "Web",
                      "timezone": "Europe/Berlin"}],
    }  # fmt: skip
    if "text" in more:
        made["textFormat"] = "plain"
        if place.kind != "personal":
            # The bot hears only what mentions it.
            more["text"] = f"<at>{BOT['name']}</at> {more['text']}\n"
            made["entities"].append({"type": "mention", "mentioned": BOT, "text": f"<at>{BOT['name']}</at>"})
    return made | more


def invoke(service_url: str, person: FakePerson, place: Place, name: str, value: Any, **more: Any) -> Json:
    """An invoke of a person."""
    return activity(service_url, person, place, type="invoke", name=name, value=value, **more)


def _conversation(place: Place, thread: str) -> Json:
    made: Json = {"id": place.id, "conversationType": place.kind, "tenantId": TENANT}
    if place.kind != "personal":
        made |= {"isGroup": True} | ({"id": f"{place.id};messageid={thread}"} if thread else {})
    return made


def _channel_data(place: Place) -> Json:
    made: Json = {"tenant": {"id": TENANT}}
    if place.team is not None:
        team = {"id": place.team.id, "name": place.team.name, "aadGroupId": place.team.group}
        made |= {"team": team, "channel": {"id": place.id}}
    return made
