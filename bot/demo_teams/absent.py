"""The people whom the playground does not show: their chats take every message, and nobody reads it.

The playground has a chat for one person and knows five more by name, the made-up company is larger.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from bot.demo_data.company import DemoCompany
from bot.demo_teams.people import account, user_id

Json = dict[str, Any]
_PATH: Final = re.compile(r"/v3/conversations/([^/]+)(/.*)?")


def chat_of(key: str) -> str:
    """The personal chat of somebody who is not shown."""
    return f"a:chat-{key}"


class Absent:
    """Answers the bot in their place, as far as the bot asks.

    Args:
        keys: who they are.
    """

    def __init__(self, company: DemoCompany, keys: Iterable[str]) -> None:
        self._members = {key: _member(key, company) for key in keys}
        self._chats = {chat_of(key): key for key in self._members}
        self._numbers = itertools.count(1)
        self.taken = 0

    def answer(self, verb: str, path: str, body: Any) -> tuple[int, Json] | None:
        """Status and body; None for what is not about them.

        Args:
            path: after the service address, as it was sent.
        """
        if verb == "POST" and path.rstrip("/") == "/v3/conversations":
            return self._created(body)
        found = _PATH.fullmatch(path)
        key = self._chats.get(unquote(found[1])) if found else None
        if found is None or key is None:
            return None
        rest = found[2] or ""
        if rest.startswith("/pagedmembers"):
            return 200, {"members": [self._members[key]]}
        if rest.startswith("/members"):
            return 200, self._members[key]
        self.taken += 1
        return 201 if verb == "POST" else 200, {"id": f"unseen-{next(self._numbers)}"}

    def _created(self, body: Any) -> tuple[int, Json] | None:
        members = body.get("members") if isinstance(body, Mapping) else None
        wanted = {one.get("id") for one in members or () if isinstance(one, Mapping)}
        for key, member in self._members.items():
            if wanted & {member["id"], member["aadObjectId"]}:
                return 201, {"id": chat_of(key)}
        return None


def _member(key: str, company: DemoCompany) -> Json:
    person = company.people[key]
    return {
        "id": user_id(key),
        "name": person.name,
        "aadObjectId": account(key),
        "email": person.email,
        "userPrincipalName": person.email,
        "userRole": "user",
    }
