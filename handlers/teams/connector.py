"""The calls of the Bot Connector, one method for each."""

from typing import Any, Final
from urllib.parse import quote

from handlers.teams.addresses import Addresses
from handlers.teams.http import Https
from reporting.ports import AppFault, Uncertain

Json = dict[str, Any]
# Teams docs: pages of a roster have 50 to 500 members.
SMALLEST_PAGE: Final = 50
PAGE: Final = 500


class Connector:
    """Talks as one bot in one tenant. Every method makes one call and raises `DeliveryError`s only.

    Args:
        bot: the app's client id.
        addresses: who may be sent a token.
    """

    def __init__(self, https: Https, addresses: Addresses, bot: str, tenant: str) -> None:
        self.https = https
        self.addresses = addresses
        self._bot = bot
        self._tenant = tenant

    # -- messages -----------------------------------------------------------------------------------------------

    async def send(self, address: str, conversation: str, activity: Json) -> str:
        """Post to a conversation; the activity's id.

        Raises:
            DeliveryError: `Uncertain` when it may have been sent.
        """
        answer = await self._call("send", "POST", address, f"conversations/{_id(conversation)}/activities", activity)
        if not answer.get("id"):
            raise Uncertain("no_id")
        return str(answer["id"])

    async def update(self, address: str, conversation: str, activity_id: str, activity: Json) -> None:
        """Replace what was posted. The id is good with its own conversation only.

        Raises:
            DeliveryError: from Teams.
        """
        path = f"conversations/{_id(conversation)}/activities/{_id(activity_id)}"
        await self._call("update", "PUT", address, path, {**activity, "id": activity_id})

    async def delete(self, address: str, conversation: str, activity_id: str) -> None:
        """Take away what was posted.

        Raises:
            DeliveryError: from Teams.
        """
        await self._call(
            "delete", "DELETE", address, f"conversations/{_id(conversation)}/activities/{_id(activity_id)}"
        )

    async def create(self, address: str, user_id: str) -> str:
        """The personal chat with somebody, made when there is none; its conversation id.

        Args:
            user_id: their id in Teams (`29:…`), or in Entra where the app is in their personal chat already.

        Raises:
            DeliveryError: `TargetGone` when the bot may not write to them.
        """
        wanted = {
            "bot": {"id": f"28:{self._bot}"},
            "isGroup": False,
            "members": [{"id": user_id}],
            "channelData": {"tenant": {"id": self._tenant}},
            "tenantId": self._tenant,
        }
        answer = await self._call("create", "POST", address, "conversations", wanted)
        return str(answer["id"])

    # -- who is there -------------------------------------------------------------------------------------------

    async def member(self, address: str, conversation: str, user_id: str) -> Json:
        """Somebody in a conversation, by either id.

        Raises:
            DeliveryError: `TargetGone` when they are not in it.
        """
        return await self._call("member", "GET", address, f"conversations/{_id(conversation)}/members/{_id(user_id)}")

    async def members(
        self, address: str, conversation: str, after: str = "", size: int = PAGE
    ) -> tuple[list[Json], str]:
        """One page of a roster, and what to ask the next one with; empty when it was the last.

        Raises:
            DeliveryError: from Teams.
        """
        query = {"pageSize": str(size)} | ({"continuationToken": after} if after else {})
        path = f"conversations/{_id(conversation)}/pagedmembers"
        answer = await self._call("members", "GET", address, path, query=query)
        return list(answer.get("members") or ()), str(answer.get("continuationToken") or "")

    async def channels(self, address: str, team: str) -> list[Json]:
        """The channels of a team, `{id, name}`; the General channel has no name.

        Raises:
            DeliveryError: from Teams.
        """
        answer = await self._call("channels", "GET", address, f"teams/{_id(team)}/conversations")
        return list(answer.get("conversations") or ())

    async def _call(
        self, method: str, verb: str, address: str, path: str, body: Json | None = None, query: Json | None = None
    ) -> Json:
        if not self.addresses.allow(address):
            raise AppFault("service_url_not_allowed", "this address is not on the list of Teams' own")
        return await self.https.call(method, verb, f"{address.rstrip('/')}/v3/{path}", body, query)


def _id(value: str) -> str:
    """An id as a part of a path."""
    return quote(value, safe="")
