"""Where people, channels and teams are reached."""

from typing import Any

from sqlalchemy import bindparam, select

from reporting.ports import Conversation
from storage.sql import Fields, Portable, Repository
from storage.tables import conversations

_FIELDS = Fields(Conversation, conversations)
_KEY = [conversations.c.platform, conversations.c.workspace, conversations.c.owner]
_OF_PLATFORM = select(*_FIELDS.columns).where(
    conversations.c.platform == bindparam("platform"), conversations.c.workspace == bindparam("workspace")
)
_GET = _OF_PLATFORM.where(conversations.c.owner == bindparam("owner"))
_HERE = _OF_PLATFORM.where(conversations.c.conversation == bindparam("conversation")).limit(1)
_OF_KIND = _OF_PLATFORM.where(conversations.c.kind == bindparam("kind")).order_by(
    conversations.c.name, conversations.c.owner
)


def _upsert(insert: Any) -> Any:
    statement = insert(conversations)
    rest = {column.name: statement.excluded[column.name] for column in conversations.c if column not in set(_KEY)}
    return statement.on_conflict_do_update(index_elements=_KEY, set_=rest)


_PUT = Portable(_upsert)


class SqlConversations(Repository):
    """See `reporting.ports.Conversations`."""

    def get(self, platform: str, workspace: str, owner: str) -> Conversation | None:
        """Where somebody or something is reached."""
        return self._one(_GET, Conversation, platform=platform, workspace=workspace, owner=owner)

    def by_conversation(self, platform: str, workspace: str, conversation: str) -> Conversation | None:
        """Who is reached in a conversation."""
        return self._one(_HERE, Conversation, platform=platform, workspace=workspace, conversation=conversation)

    def of_kind(self, platform: str, workspace: str, kind: str) -> list[Conversation]:
        """All of a kind, by name."""
        return self._list(_OF_KIND, Conversation, platform=platform, workspace=workspace, kind=kind)

    def put(self, conversation: Conversation) -> None:
        """Keep it, in place of what was known of its owner."""
        self._db.execute(_PUT.on(self._db), _FIELDS.values(conversation))
