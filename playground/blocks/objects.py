"""Composition objects: text, options, confirmation dialogs, images (Slack docs: composition objects)."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from playground.blocks.schema import (
    Check,
    Context,
    Json,
    anything,
    array,
    boolean,
    one_of,
    record,
    rule,
    string,
    typed,
)

TYPE: Check = anything
ACTION_ID = string(1, 255)


def plain(high: int = 3000) -> Check:
    """A plain_text object of 1 to `high` characters."""
    return typed({"plain_text": _plain(high)})


def text(high: int = 3000) -> Check:
    """A plain_text or mrkdwn object of 1 to `high` characters."""
    marked = record({"type": TYPE, "text": string(1, high)}, {"verbatim": boolean})
    return typed({"plain_text": _plain(high), "mrkdwn": marked})


def _plain(high: int) -> Check:
    return record({"type": TYPE, "text": string(1, high)}, {"emoji": boolean})


def url(high: int = 3000) -> Check:
    """An absolute URL of at most `high` characters."""
    length = string(1, high)

    def check(ctx: Context, value: Any, at: str) -> None:
        before = len(ctx.faults)
        length(ctx, value, at)
        if len(ctx.faults) == before and not _absolute(value):
            ctx.fail(at, "invalid url")

    return check


def _absolute(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.scheme in {"mailto", "tel", "slack"}) and " " not in value


def public_image(ctx: Context, value: Any, at: str) -> None:
    """An image URL that Slack's servers could fetch: http or https, and no private host."""
    before = len(ctx.faults)
    url(3000)(ctx, value, at)
    if len(ctx.faults) > before:
        return
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or _private(parts.hostname or ""):
        ctx.fail(at, "downloading image failed")


def _private(host: str) -> bool:
    if host == "localhost" or ("." not in host and ":" not in host):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def slack_file(ctx: Context, value: Any, at: str) -> None:
    """A file of this workspace, by id or url, that has already been processed."""
    before = len(ctx.faults)
    record({}, {"id": string(1), "url": string(1, 3000)}, rule(lambda v: len(v) == 1, "invalid slack file"))(
        ctx, value, at
    )
    if len(ctx.faults) == before and not ctx.file_ready(value):
        ctx.fail(at, "invalid slack file")


IMAGE_FIELDS: dict[str, Check] = {"image_url": public_image, "slack_file": slack_file}
ONE_IMAGE = rule(
    lambda value: ("image_url" in value) != ("slack_file" in value),
    "must define either `slack_file` or `image_url`",
)
IMAGE = record({"type": one_of("image"), "alt_text": string(1, 2000)}, IMAGE_FIELDS, ONE_IMAGE)
SLACK_ICON = record({"type": one_of("icon"), "name": string(1)})

OPTION = record({"text": text(75), "value": string(1, 150)}, {"description": text(75)})
PLAIN_OPTION = record({"text": plain(75), "value": string(1, 150)}, {"description": plain(75)})
OVERFLOW_OPTION = record({"text": plain(75), "value": string(1, 150)}, {"description": plain(75), "url": url()})
OPTION_GROUP = record({"label": plain(75), "options": array(PLAIN_OPTION, 1, 100)})
CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
DISPATCH_CONFIG = record(
    {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)},
)
CONVERSATION_FILTER = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    rule(bool, "filter must not be empty"),
)


def options_of(element: Json) -> list[Json]:
    """All options of a select, whether grouped or not."""
    grouped = [entry for group in element.get("option_groups", []) for entry in group["options"]]
    return [*element.get("options", []), *grouped]


def unique_values(options: list[Json]) -> bool:
    """Whether no two options share a value."""
    values = [option["value"] for option in options]
    return len(values) == len(set(values))
