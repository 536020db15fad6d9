"""files.*: the three-step upload."""

import mimetypes
import time

from playground.api.access import visible_channel
from playground.api.args import Args
from playground.api.chat import announce
from playground.api.method import Call, Method, Methods
from playground.api.render import file_json
from playground.errors import SlackError
from playground.model import Channel, File, Json, Message


async def upload_url(call: Call) -> Json:
    """files.getUploadURLExternal."""
    name = call.args.need("filename")
    length = call.args.number("length", 0, 1, 2**30)
    if not call.args.has("length"):
        raise SlackError("invalid_arguments", ["missing required field: length"])
    file = File(call.space.new_id("F"), name, length, alt=call.args.text("alt_txt"))
    call.space.files[file.id] = file
    return {"ok": True, "file_id": file.id, "upload_url": f"{call.world.base_url}/upload/{file.id}"}


async def complete(call: Call) -> Json:
    """files.completeUploadExternal. The answer has no message ts, as at Slack."""
    wanted = call.args.data("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments", ["missing required field: files"])
    targets = _targets(call)
    done = [_finish(call, entry) for entry in wanted]
    for channel in targets:
        _share(call, channel, done)
    return {"ok": True, "files": [file_json(call.world, file) for file in done]}


def _targets(call: Call) -> list[Channel]:
    """The conversations to share in: ids of channels or direct conversations, never of people."""
    names = [*call.args.text("channels").split(","), call.args.text("channel_id")]
    found = [visible_channel(Call(call.world, Args({"channel": name}))) for name in names if name]
    if any(call.app.bot_user_id not in channel.members for channel in found):
        raise SlackError("not_in_channel")
    return found


def _finish(call: Call, entry: object) -> File:
    name = entry.get("id") if isinstance(entry, dict) else None
    file = call.space.files.get(str(name))
    if file is None or not isinstance(entry, dict):
        raise SlackError("file_not_found")
    if file.content is None:
        raise SlackError("file_update_failed")
    file.completed = True
    file.title = str(entry.get("title") or file.name)
    file.mimetype = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    file.ready_at = time.monotonic() + call.world.file_seconds
    return file


def _share(call: Call, channel: Channel, files: list[File]) -> None:
    message = Message(
        ts=call.space.timestamp(),
        channel=channel.id,
        user=call.app.bot_user_id,
        text=call.args.text("initial_comment"),
        thread_ts=call.args.text("thread_ts") or None,
        from_app=True,
        files=[file.id for file in files],
    )
    for file in files:
        file.shares.append((channel.id, message.ts))
    call.space.post(message)
    announce(call, channel, message)


async def info(call: Call) -> Json:
    """files.info."""
    file = call.space.files.get(call.args.need("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"ok": True, "file": file_json(call.world, file), "comments": []}


async def gone(call: Call) -> Json:
    """files.upload, which Slack has switched off."""
    raise SlackError("method_deprecated", extra={"method": "files.upload", "app": call.app.app_id})


FILES: Methods = {
    "files.getUploadURLExternal": Method(upload_url, 4, ("files:write",)),
    "files.completeUploadExternal": Method(complete, 4, ("files:write",)),
    "files.info": Method(info, 4, ("files:read",)),
    "files.upload": Method(gone, 2),
}
