"""What Teams would post: report forms as leads fill them in, after the product has drawn them."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import aiohttp

from benchmarks.payloads import Sent
from benchmarks.teams_world import Where, account, chat_of
from handlers.teams.data import INPUT, OURS, opening_data
from tests.support.teams import TENANT
from tests.support.teams.played import invoke
from tests.support.teams.world import FakePerson, Place

Json = dict[str, Any]
_COLOURS = ("green",) * 14 + ("amber",) * 4 + ("red",) * 2
_AT_ONCE = 4


class Client:
    """Leads at their clients: they open the form from the card, answer it, and have the request ready that sends it."""

    def __init__(self, address: str, where: Where, session: aiohttp.ClientSession, seed: int) -> None:
        """The bot listens at `address`."""
        self._address = address
        self._where = where
        self._session = session
        self._rng = random.Random(seed)

    async def filled(self, period_id: int, leads: Sequence[tuple[int, int]]) -> AsyncIterator[Sent]:
        """One filled form for each (lead's number, project id)."""
        for at in range(0, len(leads), _AT_ONCE):
            some = leads[at : at + _AT_ONCE]
            for sent in await asyncio.gather(*(self._fill(n, period_id, project) for n, project in some)):
                yield sent

    async def _fill(self, n: int, period_id: int, project_id: int) -> Sent:
        rag, headline = self._rng.choice(_COLOURS), f"Project {project_id} goes on: {self._rng.random():.9f}."
        opening = opening_data("report.open", f"{period_id}:{project_id}", "message")
        card = await self._shown(n, "task/fetch", opening)
        typed = {
            "rag": rag.capitalize(), "summary": headline, "reason": "The supplier is late.",
            "path_action": "Second supplier signed", "path_owner": "Ana", "path_due": "2027-01-29",
            "done": "First module delivered and accepted. " * 4, "next": "Second module into verification. " * 3,
        }  # fmt: skip
        if rag != "green":
            card = await self._shown(n, "task/submit", {**_button(card, "look"), **_values(card, typed)})
        data = {**_button(card, "send"), **_values(card, typed)}
        body = json.dumps(self._activity(n, "task/submit", data), ensure_ascii=False)
        return Sent(body, (project_id, period_id, headline))

    def _activity(self, n: int, name: str, data: Json) -> Json:
        who = account(n).user_id
        person = FakePerson(who, f"29:1x{n + 1:04}", f"Lead Number{n}", f"lead{n}@example.org", tenant=TENANT)
        place = Place(chat_of(n), "personal", person=person)
        value = {"data": data, "context": {"theme": "default"}}
        made = invoke(self._where.service_url, person, place, name, value, replyToId="1795000000001")
        return made | {"localTimezone": "Europe/London"}

    async def _shown(self, n: int, name: str, data: Json) -> Json:
        headers = {"Authorization": f"Bearer {self._where.token}"}
        body = self._activity(n, name, data)
        async with self._session.post(self._address, json=body, headers=headers) as answer:
            shown = await answer.json()
        assert shown.get("task", {}).get("type") == "continue", shown
        card: Json = shown["task"]["value"]["card"]["content"]
        return card


def _every(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for one in value:
            yield from _every(one)
    elif isinstance(value, dict):
        yield value
        for name, one in value.items():
            if name not in ("data", "fallback"):
                yield from _every(one)


def _button(card: Json, kind: str) -> Json:
    """The data of the button of this kind."""
    buttons = (one["data"] for one in _every(card) if one.get("type") == "Action.Submit")
    return next(data for data in buttons if data.get(OURS, {}).get("kind") == kind)


def _values(card: Json, typed: dict[str, str]) -> dict[str, str]:
    """What the client sends with a button: of every input that has a value, by its id, as text."""
    found: dict[str, str] = {}
    for one in _every(card):
        if str(one.get("type", "")).startswith("Input."):
            name = one["id"].removeprefix(INPUT).partition(":")[2]
            value = _chosen(one, typed[name]) if name in typed else one.get("value", "")
            found |= {one["id"]: value} if value else {}
    return found


def _chosen(field: Json, value: str) -> str:
    choices = field.get("choices")
    if not choices or "choices.data" in field:
        return value
    return next(str(one["value"]) for one in choices if one["title"].startswith(value))
