"""Activities as neutral values. Nothing here calls anybody, and nothing in an activity is believed to have a shape."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any, Final, Literal

from handlers.teams.data import read_click
from handlers.text import clean
from reporting.interactions import Click, Command
from reporting.model import Identity

Json = Mapping[str, Any]
PLATFORM: Final = "teams"
# `elsewhere` is where a message extension was used: any chat of theirs, in which we are not.
Scope = Literal["personal", "channel", "group", "elsewhere"]
_NOTHING: Final[Json] = {}
_AT: Final = re.compile(r"<at\b[^>]*>(.*?)</at>", re.DOTALL | re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was done, and so where it can be answered.

    Attributes:
        actor: without a user id when it was nobody of the directory.
        tenant: of whoever did it; empty where the activity does not say.
        conversation: the id to answer to; of a thread, where it was done in one.
        address: the service to ask.
        message_id: of the card whose button was pressed.
        tz, locale: of the client that it was done with.
        member: the person's id in conversations.
        team, place: of a channel: the team that it is in, and its name where the activity says it.
    """

    actor: Identity
    tenant: str
    conversation: str
    address: str
    scope: Scope
    name: str = ""
    message_id: str = ""
    tz: str | None = None
    locale: str | None = None
    member: str = ""
    team: str = ""
    place: str = ""

    @property
    def personal(self) -> bool:
        """It was done in the chat with us alone."""
        return self.scope == "personal"

    @property
    def channel(self) -> str:
        """The channel or chat without its thread."""
        return self.conversation.partition(";")[0]


def origin_of(activity: Json, tenant: str) -> Origin:
    """Where an activity comes from; `tenant` is our own."""
    who = part(activity, "from")
    return Origin(
        Identity(PLATFORM, tenant, text(who, "aadObjectId")),
        tenant_of(activity),
        text(part(activity, "conversation"), "id"),
        text(activity, "serviceUrl"),
        _scope(activity),
        name=clean(text(who, "name")).strip(),
        message_id=text(activity, "replyToId"),
        tz=text(activity, "localTimezone") or _client(activity, "timezone") or None,
        locale=text(activity, "locale") or _client(activity, "locale") or None,
        member=text(who, "id"),
        team=text(part(activity, "channelData", "team"), "id"),
        place=text(part(activity, "channelData", "channel"), "name"),
    )


def tenant_of(activity: Json) -> str:
    """The tenant in which something was done; empty where the activity does not say."""
    told = text(part(activity, "channelData", "tenant"), "id")
    return told or text(part(activity, "conversation"), "tenantId")


def _scope(activity: Json) -> Scope:
    if text(activity, "name").startswith("composeExtension/"):
        return "elsewhere"
    conversation = part(activity, "conversation")
    kind = text(conversation, "conversationType")
    if kind == "personal" or (not kind and text(conversation, "id").startswith("a:")):
        return "personal"
    return "channel" if kind == "channel" else "group"


def command_of(activity: Json, origin: Origin) -> Command:
    """What somebody typed, with mentions of others by name and that of us taken out."""
    me = text(part(activity, "recipient"), "id")
    line = text(activity, "text")
    for mention in _mentions(activity):
        if text(part(mention, "mentioned"), "id") == me and text(mention, "text"):
            line = line.replace(text(mention, "text"), " ", 1)
    line = _AT.sub(lambda found: found[1], line)
    if text(activity, "textFormat") == "xml":
        line = _TAG.sub(" ", line)
    # Clients write `&nbsp;` after a mention and `&amp;` for an ampersand, in plain text too.
    line = " ".join(clean(unescape(line)).split())
    return Command(origin.actor, line, "" if origin.personal else origin.channel, direct=origin.personal)


def mentions_us(activity: Json) -> bool:
    """Whether a line in a channel is meant for us."""
    me = text(part(activity, "recipient"), "id")
    return any(text(part(mention, "mentioned"), "id") == me for mention in _mentions(activity))


def click_of(data: Any, origin: Origin) -> Click | None:
    """A card's button; None when the data are none of ours."""
    return read_click(data, origin.actor, origin.channel, origin.message_id)


def _mentions(activity: Json) -> Iterator[Json]:
    entities = activity.get("entities")
    for one in entities if isinstance(entities, list) else ():
        if isinstance(one, Mapping) and one.get("type") == "mention":
            yield one


def _client(activity: Json, key: str) -> str:
    entities = activity.get("entities")
    about = (one for one in (entities if isinstance(entities, list) else ()) if isinstance(one, Mapping))
    return next((text(one, key) for one in about if one.get("type") == "clientInfo"), "")


def part(value: Any, *keys: str) -> Json:
    """What is under the keys, one in the other; empty when it is not there or is no object."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else _NOTHING


def text(value: Json, key: str) -> str:
    """The text under a key; empty when it is not there or is none."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def kind_of(activity: Json) -> str:
    """What an activity is about, as one of a few words."""
    if activity.get("type") == "invoke":
        return _INVOKES.get(text(activity, "name"), "other")
    return _TYPES.get(text(activity, "type"), "other")


_TYPES: Final = {"message": "message", "installationUpdate": "event", "conversationUpdate": "event"}
_INVOKES: Final = {
    "task/fetch": "dialog",
    "task/submit": "submission",
    "composeExtension/fetchTask": "shortcut",
    "composeExtension/submitAction": "submission",
    "adaptiveCard/action": "click",
    "fileConsent/invoke": "file",
}
