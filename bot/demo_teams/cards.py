"""What the playground cannot do with cards, turned into what it can. Nothing here calls anybody.

It sends nothing for a button that opens a dialog, but it does send every other `Action.Submit`. So such buttons lose
the mark that makes them special, and are known again by the other key that they carry. It draws no wide cards either,
and would say so under each of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.demo_teams.people import BOT_ID, CHANNEL, TEAM, TENANT_ID

Json = dict[str, Any]
_DIALOG: Final = "dialog_id"


def plainer(value: Any) -> Any:
    """The same JSON, with the buttons that open dialogs as plain ones, and no card asking to be wide."""
    if isinstance(value, list):
        return [plainer(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: plainer(one) for key, one in value.items()}
    if made.get("type") == "AdaptiveCard" and isinstance(made.get("msteams"), dict):
        made["msteams"] = {key: one for key, one in made["msteams"].items() if key != "width"}
    data = made.get("data")
    if made.get("type") == "Action.Submit" and isinstance(data, dict) and _fetches(data):
        made["data"] = {key: one for key, one in data.items() if key != "msteams"}
    return made


def _fetches(data: Mapping[str, Any]) -> bool:
    told = data.get("msteams")
    return _DIALOG in data and isinstance(told, Mapping) and told.get("type") == "task/fetch"


def opens_dialog(value: Any) -> bool:
    """Whether a button that was pressed is one of those."""
    return isinstance(value, Mapping) and _DIALOG in value


@dataclass(frozen=True, slots=True)
class Pressed:
    """Where a button was pressed: the conversation, and the message with the card."""

    conversation: str
    message: str

    def invoke(self, name: str, data: Any, visitor: Mapping[str, str], service_url: str, now: datetime) -> Json:
        """What Teams would send to the bot.

        Args:
            name: `task/fetch` or `task/submit`.
            data: of the button, with all inputs.
            visitor: `id`, `name`, `aadObjectId` and `tz` of whoever pressed it.
        """
        return {
            "type": "invoke",
            "name": name,
            "id": f"f:{uuid.uuid4()}",
            "channelId": "msteams",
            "serviceUrl": service_url,
            "timestamp": now.isoformat(),
            "locale": "en-GB",
            "localTimezone": visitor["tz"],
            "from": {key: visitor[key] for key in ("id", "name", "aadObjectId")},
            "recipient": {"id": f"28:{BOT_ID}", "name": "Rollcall"},
            "conversation": self._place(),
            "channelData": {"tenant": {"id": TENANT_ID}} | ({"team": {"id": TEAM}} if self._in_channel() else {}),
            "replyToId": self.message,
            "value": {"data": data, "context": {"theme": "default"}},
        }

    def _in_channel(self) -> bool:
        return self.conversation.partition(";")[0] in {TEAM, CHANNEL}

    def _place(self) -> Json:
        kind: Json = {"conversationType": "channel", "isGroup": True} if self._in_channel() else {}
        return {"conversationType": "personal", "id": self.conversation, "tenantId": TENANT_ID} | kind
