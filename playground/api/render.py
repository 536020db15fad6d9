"""Workspace objects as Slack's JSON."""

from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from playground.model import Channel, File, Json, Message, User
from playground.workspace import Workspace
from playground.world import World


def message_json(world: World, message: Message, *, metadata: bool = False) -> Json:
    """A message as history and payloads give it."""
    space = world.space
    body: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.from_app:
        body |= {"bot_id": space.app.bot_id, "app_id": space.app.app_id, "team": space.team_id}
    optional = {
        "subtype": message.subtype,
        "thread_ts": message.thread_ts,
        "edited": message.edited,
        "client_msg_id": message.client_msg_id,
        "blocks": message.blocks or None,
        "attachments": message.attachments or None,
        "files": [file_json(world, space.files[name]) for name in message.files] or None,
        "metadata": message.metadata if metadata else None,
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    replies = space.replies(message.channel, message.ts)
    if replies:
        users = list(dict.fromkeys(reply.user for reply in replies))
        body |= {"thread_ts": message.ts, "reply_count": len(replies), "reply_users": users}
        body |= {"reply_users_count": len(users), "latest_reply": replies[-1].ts}
    return body


def user_json(space: Workspace, user: User, *, locale: bool = False) -> Json:
    """A user object; the address only with users:read.email."""
    app = space.app
    zone = ZoneInfo(user.tz)
    local = space.clock.now().astimezone(zone)
    offset = local.utcoffset()
    profile: Json = {
        "real_name": user.real_name or user.name,
        "display_name": user.name,
        "title": user.title,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "team": space.team_id,
    }
    if user.email and "users:read.email" in app.scopes:
        profile["email"] = user.email
    body: Json = {
        "id": user.id,
        "team_id": user.home_team or space.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()),
        "profile": profile,
    }
    if user.home_team:
        body["is_stranger"] = True
    if not user.deleted:
        body |= {
            "real_name": user.real_name or user.name,
            "color": user.color or "9f69e7",
            "tz": user.tz,
            "tz_label": local.tzname() or user.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": False,
            "is_owner": False,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": False,
            "is_email_confirmed": True,
        }
    if locale:
        body["locale"] = user.locale
    return body


def channel_json(space: Workspace, channel: Channel) -> Json:
    """A conversation object."""
    member = space.app.bot_user_id in channel.members
    body: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "context_team_id": space.team_id,
    }
    if channel.kind == "im":
        other = next((name for name in channel.members if name != space.app.bot_user_id), "")
        return body | {"user": other, "is_org_shared": False, "is_open": True}
    return body | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "private",
        "is_private": channel.kind == "private",
        "is_general": False,
        "is_member": member,
        "is_shared": False,
        "is_ext_shared": False,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def file_json(world: World, file: File) -> Json:
    """A file object; the MIME type appears when processing is over."""
    ready = world.processed(file)
    shares: Json = {}
    for channel, ts in file.shares:
        kind = world.space.channels[channel].kind
        shares.setdefault("public" if kind == "channel" else "private", {}).setdefault(channel, []).append({"ts": ts})
    url = f"{world.base_url}/files/{file.id}/{quote(file.name)}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "alt_txt": file.alt,
        "mimetype": file.mimetype if ready else "",
        "filetype": file.name.rpartition(".")[2] if ready else "",
        "size": file.length,
        "user": world.space.app.bot_user_id,
        "created": int(world.space.clock.epoch()),
        "url_private": url,
        "url_private_download": url,
        "permalink": url,
        "shares": shares,
        "channels": [channel for channel, _ in file.shares if channel.startswith("C")],
        "ims": [channel for channel, _ in file.shares if channel.startswith("D")],
    }
