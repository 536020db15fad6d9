"""How the client turns what a person types into Slack's text: escapes, mentions, channel links."""

import re

from playground.model import Command
from playground.workspace import Workspace

_NAMES = re.compile(r"(?<![\w@#<])([@#])([\w.\-]+)")


def escaped(text: str) -> str:
    """Text with `&`, `<` and `>` escaped, as in every payload."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(space: Workspace, text: str, *, with_names: bool) -> str:
    """Escaped text with `@name` and `#channel` as links, where they exist.

    Args:
        with_names: `<@U1|ana>` as in slash commands, else `<@U1>` as in messages.
    """
    return _NAMES.sub(lambda found: _link(space, found, with_names), escaped(text))


def command_text(space: Workspace, command: Command, text: str) -> str:
    """The `text` of a slash command; without should_escape it stays as typed."""
    return linked(space, text, with_names=True) if command.should_escape else text


def _link(space: Workspace, found: re.Match[str], with_names: bool) -> str:
    sign, raw = found.groups()
    name = raw.rstrip(".-")
    rest = raw[len(name) :]
    if sign == "@":
        target = next((user.id for user in space.users.values() if user.name == name), None)
    else:
        target = next((c.id for c in space.channels.values() if c.name == name and c.kind != "im"), None)
    if target is None:
        return found.group(0)
    return (f"<{sign}{target}|{name}>" if with_names else f"<{sign}{target}>") + rest
