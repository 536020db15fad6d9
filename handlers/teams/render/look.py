"""How things are drawn: for whom they are drawn, where, and how large they are."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from handlers.teams.words import Words
from handlers.text import one_line
from reporting.messages import Mention

Json = dict[str, Any]
Place = Literal["message", "form", "home"]
# Invisible, breaks no line: keeps two characters from being read together.
JOINER = "\u2060"
_ACCOUNT = re.compile(r"[A-Za-z0-9:._@+\-]+")
_NAME = re.compile(r"[^\w .,'’()\-]|_")


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account in Teams: Entra object id, and the name to show where only the id is known."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What may be used.

    Attributes:
        accounts: by person id, for mentions and for chosen people.
        opens: actions that open a form; their buttons ask for a dialog.
        channels: names by channel id, since cards know no link to a channel.
    """

    accounts: Mapping[int, Account] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    place: Place = "message"
    opens: frozenset[str] = frozenset()
    channels: Mapping[str, str] = field(default_factory=dict)
    _tags: dict[str, Mention] = field(default_factory=dict)

    def tag(self, mention: Mention) -> str:
        """The `<at>` text of a mention, the same each time; empty for somebody without an account."""
        account = self.accounts.get(mention.person_id)
        # Clients find the name by its text, so it must be free of anything that could be read as markup.
        name = " ".join(_NAME.sub(" ", one_line(mention.name)).split()).strip(" .-")
        if account is None or not _ACCOUNT.fullmatch(account.id) or not name:
            return ""
        while self._tags.setdefault(text := f"<at>{name}</at>", mention).person_id != mention.person_id:
            # Somebody else of the same name.
            name += JOINER
        return text

    def entities(self, body: Any) -> list[Json]:
        """Whom the drawn elements mention (Teams docs: mention support within Adaptive Cards)."""
        found = dict.fromkeys(re.findall(r"<at>.*?</at>", json.dumps(body, ensure_ascii=False))) if self._tags else ()
        return [self._entity(text, self._tags[text]) for text in found if text in self._tags]

    def _entity(self, text: str, mention: Mention) -> Json:
        mentioned = {"id": self.accounts[mention.person_id].id, "name": one_line(mention.name)}
        return {"type": "mention", "text": text, "mentioned": mentioned}


def as_json(value: Any) -> str:
    """Compact JSON, as the connector gets it.

    Raises:
        ValueError: a number that JSON has no word for.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def weight(value: Any, look: Look | None = None) -> int:
    """Bytes of a drawn element in a card, with the mentions that it brings."""
    own = len(as_json(value).encode()) + 1
    return own + (len(as_json(look.entities(value)).encode()) if look else 0)


def utf16_bytes(value: Any) -> int:
    """Size as Teams counts it."""
    return len(as_json(value).encode("utf-16-le"))
