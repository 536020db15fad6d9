"""Arguments of an API call, whether they came as a form, as JSON or in the query."""

import json
from dataclasses import dataclass
from typing import Any

from playground.errors import SlackError, missing
from playground.model import Json

_TRUE = {"1", "true", "True"}


@dataclass(frozen=True)
class Args:
    """Typed access to what the app sent. An empty string counts as absent, as at Slack."""

    raw: Json

    def has(self, name: str) -> bool:
        """Whether the argument was sent with a value."""
        return self.raw.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """A string, empty when absent.

        Raises:
            SlackError: `invalid_arguments` for an object or a list.
        """
        value = self.raw.get(name)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            raise SlackError("invalid_arguments", [f"must be a string [json-pointer:/{name}]"])
        return str(value)

    def need(self, name: str) -> str:
        """A string that must be there.

        Raises:
            SlackError: `invalid_arguments`.
        """
        if not self.has(name):
            raise missing(name)
        return self.text(name)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean, in JSON or as 1, true, 0, false."""
        if not self.has(name):
            return default
        value = self.raw[name]
        return value if isinstance(value, bool) else str(value) in _TRUE

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number.

        Raises:
            SlackError: `invalid_arguments` when it is none, or out of range.
        """
        if not self.has(name):
            return default
        try:
            value = int(self.raw[name])
        except (TypeError, ValueError):
            raise SlackError("invalid_arguments", [f"must be a number [json-pointer:/{name}]"]) from None
        if not low <= value <= high:
            raise SlackError("invalid_arguments", [f"must be between {low} and {high} [json-pointer:/{name}]"])
        return value

    def data(self, name: str, code: str) -> Any:
        """A JSON value, sent as such or as text; None when absent.

        Raises:
            SlackError: `code` when the text is no JSON.
        """
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(code) from None
