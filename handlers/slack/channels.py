"""Names and people as conversation ids."""

from handlers.slack.api import Api
from reporting.ports import AppFault, TargetGone

_PAGE = 200
_MOST_PAGES = 50


class Channels:
    """Looks up and remembers ids for the life of the process.

    Args:
        archived: whether archived channels are found too, so that it can be said that they are.
    """

    def __init__(self, api: Api, archived: bool = False) -> None:
        self._api = api
        self._archived = archived
        self._by_name: dict[str, str] = {}
        self._direct: dict[str, str] = {}
        self._listed = False

    async def target(self, target: str) -> str:
        """A conversation id for reading and posting: `#name` by name, a person's id by their direct conversation.

        Raises:
            DeliveryError: from Slack; `TargetGone` when there is no such channel.
        """
        if target.startswith("#"):
            return await self.named(target[1:])
        return await self.direct(target) if target[:1] in {"U", "W"} else target

    async def direct(self, user_id: str) -> str:
        """The direct conversation with a person, opened when needed.

        Raises:
            DeliveryError: from Slack.
        """
        if user_id not in self._direct:
            answer = await self._api.call("conversations.open", users=user_id)
            self._direct[user_id] = str(answer["channel"]["id"])
        return self._direct[user_id]

    def remember(self, user_id: str, channel: str) -> None:
        """Keep what a post to a person answered."""
        if user_id[:1] in {"U", "W"}:
            self._direct[user_id] = channel

    def forget(self, channel: str) -> None:
        """The conversation is gone; its name may belong to another one by now, so look again."""
        for known in (self._by_name, self._direct):
            for name in [name for name, found in known.items() if found == channel]:
                del known[name]
                self._listed = False

    async def named(self, name: str) -> str:
        """The id of a channel by its name, listed once; the name itself when listing is not allowed.

        Raises:
            DeliveryError: from Slack; `TargetGone` when there is no such channel.
        """
        known = name in self._by_name
        if not known and not self._listed:
            try:
                await self._list()
            except AppFault as error:
                if error.code != "missing_scope":
                    raise
                return f"#{name}"
        if name not in self._by_name:
            # Made since, perhaps: the next call looks again.
            self._listed = False
            raise TargetGone("channel_not_found", f"#{name}")
        return self._by_name[name]

    async def _list(self) -> None:
        cursor = ""
        for _ in range(_MOST_PAGES):
            answer = await self._api.call(
                "conversations.list",
                types="public_channel,private_channel",
                exclude_archived=not self._archived,
                limit=_PAGE,
                cursor=cursor or None,
            )
            self._by_name |= {channel["name"]: channel["id"] for channel in answer["channels"]}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        self._listed = True
