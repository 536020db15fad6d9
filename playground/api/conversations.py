"""conversations.*: channels, direct conversations and their history."""

from playground.api.access import READ, readable_channel, visible_channel
from playground.api.method import Call, Method, Methods, page
from playground.api.render import channel_json, message_json
from playground.errors import SlackError
from playground.model import Channel, Json, Message
from playground.workspace import SLACKBOT

MAX_OPEN_USERS = 8
_TYPES = {"public_channel": "channel", "private_channel": "private", "im": "im"}


async def open_conversation(call: Call) -> Json:
    """conversations.open for one person, or to return a direct conversation."""
    if call.args.has("channel"):
        channel = visible_channel(call)
        if channel.kind != "im":
            raise SlackError("method_not_supported_for_channel_type")
        return _opened(call, channel, already=True)
    names = [name for name in call.args.text("users").split(",") if name]
    if not names:
        raise SlackError("users_list_not_supplied")
    if len(names) > MAX_OPEN_USERS:
        raise SlackError("too_many_users")
    for name in names:
        _reachable(call, name)
    if len(names) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    before = set(call.space.channels)
    channel = call.space.dm_with(names[0])
    return _opened(call, channel, already=channel.id in before)


def _reachable(call: Call, name: str) -> None:
    user = call.space.users.get(name)
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_bot or user.id == SLACKBOT:
        raise SlackError("cannot_dm_bot")


def _opened(call: Call, channel: Channel, *, already: bool) -> Json:
    body: Json = {"ok": True, "channel": {"id": channel.id}}
    if call.args.flag("return_im"):
        body["channel"] = channel_json(call.space, channel)
    return body | ({"no_op": True, "already_open": True} if already else {})


async def info(call: Call) -> Json:
    """conversations.info."""
    channel = visible_channel(call)
    call.require_scope(READ[channel.kind])
    body = channel_json(call.space, channel)
    if not call.args.flag("include_num_members"):
        body.pop("num_members", None)
    if call.args.flag("include_locale"):
        body["locale"] = "en-US"
    return {"ok": True, "channel": body}


async def listing(call: Call) -> Json:
    """conversations.list, with cursor; private channels only where the bot is a member."""
    kinds = [name.strip() for name in (call.args.text("types") or "public_channel").split(",")]
    if any(name not in {*_TYPES, "mpim"} for name in kinds):
        raise SlackError("invalid_types")
    wanted = [_TYPES[name] for name in kinds if name in _TYPES]
    for kind in wanted:
        call.require_scope(READ[kind])
    rows = [channel_json(call.space, c) for c in call.space.channels.values() if c.kind in wanted and _listed(call, c)]
    limit = call.args.number("limit", 100, 1, 1000)
    shown, cursor = page(call, rows, limit)
    return {"ok": True, "channels": shown, "response_metadata": {"next_cursor": cursor}}


def _listed(call: Call, channel: Channel) -> bool:
    if channel.archived and call.args.flag("exclude_archived"):
        return False
    return channel.kind == "channel" or call.app.bot_user_id in channel.members


async def members(call: Call) -> Json:
    """conversations.members, with cursor."""
    channel = visible_channel(call)
    call.require_scope(READ[channel.kind])
    rows, cursor = page(call, [{"id": name} for name in channel.members], call.args.number("limit", 100, 1, 1000))
    return {"ok": True, "members": [row["id"] for row in rows], "response_metadata": {"next_cursor": cursor}}


async def join(call: Call) -> Json:
    """conversations.join for public channels."""
    channel = visible_channel(call)
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if call.app.bot_user_id not in channel.members:
        channel.members.append(call.app.bot_user_id)
        call.space.tell("state", {})
        return {"ok": True, "channel": channel_json(call.space, channel)}
    body = {"ok": True, "channel": channel_json(call.space, channel), "warning": "already_in_channel"}
    return body | {"response_metadata": {"warnings": ["already_in_channel"]}}


async def history(call: Call) -> Json:
    """conversations.history: newest first, without replies."""
    channel = readable_channel(call)
    stored = [m for m in call.space.visible(channel.id) if m.thread_ts in (None, m.ts)]
    return _page_of(call, [m for m in reversed(stored) if _within(call, m)])


async def replies(call: Call) -> Json:
    """conversations.replies: the parent, then its replies, oldest first."""
    channel = readable_channel(call)
    ts = call.args.need("ts")
    parent = call.space.find(channel.id, ts)
    if parent is None or parent.ephemeral:
        raise SlackError("thread_not_found")
    return _page_of(call, [parent, *(m for m in call.space.replies(channel.id, ts) if _within(call, m))])


def _page_of(call: Call, found: list[Message]) -> Json:
    metadata = call.args.flag("include_all_metadata")
    rows = [message_json(call.world, message, metadata=metadata) for message in found]
    shown, cursor = page(call, rows, call.args.number("limit", 100, 1, 999))
    body: Json = {"ok": True, "messages": shown, "has_more": bool(cursor)}
    return body | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _within(call: Call, message: Message) -> bool:
    try:
        ts = float(message.ts)
        oldest = float(call.args.text("oldest") or 0)
        latest = float(call.args.text("latest") or "inf")
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None
    if call.args.flag("inclusive"):
        return oldest <= ts <= latest
    return oldest < ts < latest


async def team_info(call: Call) -> Json:
    """team.info."""
    space = call.space
    team = {"id": space.team_id, "name": space.name, "domain": space.domain, "email_domain": "", "icon": {}}
    return {"ok": True, "team": team}


CONVERSATIONS: Methods = {
    "conversations.open": Method(open_conversation, 3, ("im:write",)),
    "conversations.info": Method(info, 3),
    "conversations.list": Method(listing, 2),
    "conversations.members": Method(members, 4),
    "conversations.join": Method(join, 3, ("channels:join",)),
    "conversations.history": Method(history, 3),
    "conversations.replies": Method(replies, 3),
    "team.info": Method(team_info, 3, ("team:read",)),
}
