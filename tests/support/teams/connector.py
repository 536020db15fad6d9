"""The calls of the Bot Connector, each refused for the reasons for which Teams refuses it."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from aiohttp import web

from tests.support.teams.login import APP_ID
from tests.support.teams.rules import activity_faults, too_big
from tests.support.teams.world import FakePerson, Place, Posted, World

Json = dict[str, Any]
Answer = tuple[int, Any]
SMALLEST_PAGE, LARGEST_PAGE = 50, 500


class Refused(Exception):
    """A call that is not taken."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None, sub_code: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.sub_code = sub_code

    def body(self) -> Json:
        sub = {"subCode": self.sub_code} if self.sub_code else {}
        return {"error": {"code": self.code, "message": str(self), **sub}}


class Connector:
    """Over the world. Every method gets the request and its JSON, answers status and JSON, or raises `Refused`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.page_sizes: list[int] = []
        self._tokens: dict[str, tuple[str, int]] = {}

    # -- messages -------------------------------------------------------------------------------------------------

    async def send(self, request: web.Request, body: Any) -> Answer:
        place = self._place(request)
        self._writable(place)
        self._check(body, place)
        conversation = request.match_info["conversation"]
        root = _root(conversation)
        # Only channels have threads. Messages of people are not kept here, so a root that is none of the bot's is taken
        # for one of theirs.
        if root and (place.kind != "channel" or not root.isdigit()):
            raise Refused(404, "ConversationNotFound", "Conversation not found.")
        posted = Posted(self._world.number(), conversation, body, root)
        if body["type"] != "typing":
            place.posted[posted.id] = posted
        return 201, {"id": posted.id}

    async def update(self, request: web.Request, body: Any) -> Answer:
        place, posted = self._place(request), self._posted(request)
        self._writable(place)
        self._check(body, place)
        posted.activity, posted.edits = body, posted.edits + 1
        return 200, {"id": posted.id}

    async def delete(self, request: web.Request, _body: Any) -> Answer:
        posted = self._posted(request)
        del self._place(request).posted[posted.id]
        return 200, None

    async def create(self, _request: web.Request, body: Any) -> Answer:
        """A new 1:1 chat, or the one that there is."""
        data = body.get("channelData", {})
        if "channel" in data:
            raise Refused(400, "BadArgument", "Posting to channels by creating is not played here.")
        if body.get("bot", {}).get("id") != f"28:{APP_ID}" or body.get("isGroup") is not False:
            raise Refused(400, "BadArgument", "Bot and isGroup are needed.")
        if data.get("tenant", {}).get("id") != self._world.tenant or len(body.get("members", ())) != 1:
            raise Refused(400, "BadArgument", "A tenant and one member are needed.")
        person = self._somebody(body["members"][0]["id"])
        return 201, {"id": self._world.chat(person).id}

    def _somebody(self, user_id: str) -> FakePerson:
        person = self._world.by_id(user_id)
        if "@" in user_id:
            raise Refused(400, "BadArgument", "Mail addresses are no ids.")
        # By Entra id only where the app is in the personal chat; by Teams id through a shared team too.
        known = person is not None and (
            person.installed or (user_id == person.teams_id and self._world.shares_team(person))
        )
        if person is None or not known:
            raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        return person

    # -- who is there ---------------------------------------------------------------------------------------------

    async def members(self, request: web.Request, _body: Any) -> Answer:
        size = int(request.query.get("pageSize", 200))
        if not SMALLEST_PAGE <= size <= LARGEST_PAGE:
            raise Refused(400, "BadArgument", "pageSize is 50 to 500.")
        place, given = self._place(request), request.query.get("continuationToken", "")
        if given and self._tokens.get(given, ("", 0))[0] != place.id:
            raise Refused(400, "BadArgument", "The continuation token is not one of this roster.")
        found, at = self._world.members(place), self._tokens.get(given, ("", 0))[1]
        self.page_sizes.append(size)
        page: Json = {"members": [person.member() for person in found[at : at + size] if person.active]}
        if at + size < len(found):
            # Opaque, and good for this roster alone.
            page["continuationToken"] = token_urlsafe(8)
            self._tokens[page["continuationToken"]] = (place.id, at + size)
        return 200, page

    def forget_tokens(self) -> None:
        """No token of a roster that was given so far is taken any more."""
        self._tokens.clear()

    async def member(self, request: web.Request, _body: Any) -> Answer:
        person = self._world.by_id(request.match_info["user"])
        if person is None or not person.active or person not in self._world.members(self._place(request)):
            raise Refused(404, "MemberNotFoundInConversation", "The member is not part of the conversation.")
        return 200, person.member()

    async def channels(self, request: web.Request, _body: Any) -> Answer:
        team = self._world.teams.get(request.match_info["conversation"])
        if team is None:
            raise Refused(404, "TeamNotFound", "Team not found.")
        return 200, {"conversations": [{"id": one.id, "name": one.name or None} for one in team.channels.values()]}

    # -- checks ---------------------------------------------------------------------------------------------------

    def _place(self, request: web.Request) -> Place:
        place = self._world.at(request.match_info["conversation"])
        if place is None:
            raise Refused(404, "ConversationNotFound", "Conversation not found.")
        return place

    def _posted(self, request: web.Request) -> Posted:
        """By its id together with its own conversation: any other pair is not found."""
        posted = self._place(request).posted.get(request.match_info["activity"])
        if posted is None or posted.conversation != request.match_info["conversation"]:
            raise Refused(404, "ActivityNotFoundInConversation", "Activity not found.")
        return posted

    def _writable(self, place: Place) -> None:
        person = place.person
        if person is not None and (person.blocked or not self._reached(person)):
            raise Refused(403, "ForbiddenOperationException", "Not delivered.", sub_code="MessageWritesBlocked")

    def _reached(self, person: FakePerson) -> bool:
        return person.installed or self._world.shares_team(person)

    def _check(self, body: Any, place: Place) -> None:
        if too_big(body):
            raise Refused(413, "MessageSizeTooBig", "Message size too large.")
        found = activity_faults(body, place.kind == "personal")
        if found:
            raise Refused(400, "BadSyntax", "; ".join(found)[:2000])


def _root(conversation: str) -> str:
    return conversation.partition(";messageid=")[2]
