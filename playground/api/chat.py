"""chat.*: posting, changing and removing messages."""

from typing import Any

from playground.api.access import visible_channel, writable_channel
from playground.api.method import Call, Method, Methods
from playground.api.render import message_json
from playground.errors import SlackError
from playground.model import Channel, Json, Message

MAX_TEXT = 40_000
MAX_UPDATE_TEXT = 4_000
MAX_MARKDOWN_TEXT = 12_000
MAX_METADATA = 8_000


async def post_message(call: Call) -> Json:
    """chat.postMessage."""
    channel = writable_channel(call)
    if any(call.args.has(name) for name in ("username", "icon_emoji", "icon_url")):
        call.require_scope("chat:write.customize")
    message = compose(call, channel)
    _check_thread(call, channel)
    call.space.post(message)
    announce(call, channel, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message_json(call.world, message)}


async def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral."""
    channel = writable_channel(call)
    user = call.args.need("user")
    if call.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = compose(call, channel)
    message.only_for = user
    call.space.post(message)
    return {"ok": True, "message_ts": message.ts}


async def update(call: Call) -> Json:
    """chat.update."""
    channel, message = _own_message(call, "cant_update_message")
    if len(call.args.text("text")) > MAX_UPDATE_TEXT:
        raise SlackError("msg_too_long")
    fresh = compose(call, channel, earlier=message)
    message.text, message.blocks = fresh.text, fresh.blocks
    message.attachments, message.metadata = fresh.attachments, fresh.metadata
    message.edited = {"user": call.app.bot_user_id, "ts": call.space.timestamp()}
    call.space.changed(message)
    body = message_json(call.world, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "text": message.text, "message": body}


async def delete(call: Call) -> Json:
    """chat.delete."""
    channel, message = _own_message(call, "cant_delete_message")
    if call.space.replies(channel.id, message.ts):
        message.subtype, message.text, message.blocks = "tombstone", "This message was deleted.", []
        message.user, message.from_app = "USLACKBOT", False
    else:
        message.deleted = True
    call.space.changed(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


async def permalink(call: Call) -> Json:
    """chat.getPermalink."""
    channel = visible_channel(call)
    ts = call.args.need("message_ts")
    if call.space.find(channel.id, ts) is None:
        raise SlackError("message_not_found")
    url = f"https://{call.space.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": url}


def compose(call: Call, channel: Channel, earlier: Message | None = None) -> Message:
    """A message from the arguments of a call; with `earlier`, what was not sent stays as it was.

    Raises:
        SlackError: anything that Slack would refuse in a message.
    """
    text, blocks = _text(call), read_blocks(call)
    if call.args.has("markdown_text"):
        if call.args.has("text") or blocks:
            raise SlackError("markdown_text_conflict")
        text, blocks = "", [{"type": "markdown", "text": _markdown(call)}]
    attachments = _attachments(call)
    metadata = read_metadata(call)
    if earlier is not None:
        blocks = earlier.blocks if blocks is None else blocks
        attachments = earlier.attachments if attachments is None else attachments
        metadata = earlier.metadata if metadata is None else metadata
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    return Message(
        ts=call.space.timestamp(),
        channel=channel.id,
        user=call.app.bot_user_id,
        text=text,
        blocks=blocks or [],
        attachments=attachments or [],
        metadata=metadata or None,
        thread_ts=call.args.text("thread_ts") or None,
        from_app=True,
        client_msg_id=None,
    )


def announce(call: Call, channel: Channel, message: Message) -> None:
    """Tell the app about its own message, as Slack does."""
    kind = {"im": "im", "private": "group", "channel": "channel"}[channel.kind]
    event = message_json(call.world, message) | {
        "channel": channel.id,
        "channel_type": kind,
        "event_ts": message.ts,
    }
    call.world.courier.event(event)


def read_blocks(call: Call) -> list[Any] | None:
    """The checked blocks of a call; None when it sent none.

    Raises:
        SlackError: `invalid_blocks_format`, `invalid_blocks` or `msg_blocks_too_long`.
    """
    blocks = call.args.data("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    call.world.require_blocks(blocks)
    return blocks


def read_metadata(call: Call) -> Json | None:
    """The checked metadata of a call; None when it sent none.

    Raises:
        SlackError: `invalid_metadata_format`, `invalid_metadata_schema` or `metadata_too_large`.
    """
    metadata = call.args.data("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata if metadata is None else {}
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_schema")
    if set(metadata) - {"event_type", "event_payload", "entities"}:
        raise SlackError("invalid_metadata_schema")
    if len(str(metadata)) > MAX_METADATA:
        raise SlackError("metadata_too_large")
    return metadata


def _text(call: Call) -> str:
    return call.args.text("text")[:MAX_TEXT]


def _markdown(call: Call) -> str:
    text = call.args.text("markdown_text")
    if len(text) > MAX_MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    return text


def _attachments(call: Call) -> list[Any] | None:
    attachments = call.args.data("attachments", "invalid_attachments")
    return None if attachments is None else call.world.require_attachments(attachments)


def _check_thread(call: Call, channel: Channel) -> None:
    parent = call.args.text("thread_ts")
    if parent and call.space.find(channel.id, parent) is None:
        raise SlackError("cannot_reply_to_message")


def _own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = visible_channel(call)
    message = call.space.find(channel.id, call.args.need("ts"))
    if message is None or message.ephemeral:
        raise SlackError("message_not_found")
    if not message.from_app:
        raise SlackError(refusal)
    return channel, message


CHAT: Methods = {
    "chat.postMessage": Method(post_message, 0, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, 4, ("chat:write",)),
    "chat.update": Method(update, 3, ("chat:write",)),
    "chat.delete": Method(delete, 3, ("chat:write",)),
    "chat.getPermalink": Method(permalink, 0),
}
