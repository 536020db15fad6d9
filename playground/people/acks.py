"""What an acknowledgement does: a command's answer, a submission's errors, update, push or clear."""

from typing import Any

from playground.blocks import check_blocks
from playground.errors import SlackError
from playground.log import Refusal
from playground.model import Json, Message, View
from playground.world import World

TROUBLE = "We had some trouble connecting. Try again?"


class BadAck(Exception):
    """An acknowledgement that Slack would not understand; the person sees a generic failure."""


def apply_command_ack(world: World, user: str, channel: str, body: Any) -> None:
    """Show the message that a slash command was acknowledged with, if any.

    Raises:
        BadAck: it is no valid message.
    """
    if body in (None, "", {}) or (isinstance(body, dict) and set(body) == {"response_type"}):
        return
    fields = {"text": body} if isinstance(body, str) else body
    try:
        if not isinstance(fields, dict):
            raise SlackError("invalid_arguments")
        message = answer_message(world, user, channel, fields)
    except SlackError as error:
        raise _refused(world, error.code, error.faults, body) from None
    if message is not None:
        world.space.post(message)


def answer_message(world: World, user: str, channel: str, fields: Json) -> Message | None:
    """The message in a command's acknowledgement or a post to a response_url; None when there is none.

    Raises:
        SlackError: `no_text`, `invalid_blocks_format` or `invalid_blocks`.
    """
    kind = fields.get("response_type", "ephemeral")
    if kind not in ("ephemeral", "in_channel"):
        words = "value must be one of: ephemeral, in_channel [json-pointer:/response_type]"
        raise SlackError("invalid_arguments", [words])
    text, blocks = fields.get("text", ""), fields.get("blocks") or []
    if not isinstance(text, str) or not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format" if isinstance(text, str) else "no_text")
    world.require_blocks(blocks, total=False)
    attachments = world.require_attachments(fields.get("attachments") or [], total=False)
    if not (text.strip() or blocks or attachments):
        if fields.get("delete_original"):
            return None
        raise SlackError("no_text")
    thread = fields.get("thread_ts")
    return Message(
        ts=world.space.timestamp(),
        channel=channel,
        user=world.space.app.bot_user_id,
        text=text[:40_000],
        blocks=blocks,
        attachments=attachments,
        metadata=fields.get("metadata"),
        thread_ts=str(thread) if thread else None,
        from_app=True,
        only_for=user if kind == "ephemeral" else None,
    )


def apply_submission_ack(world: World, view: View, body: Any) -> Json | None:
    """Do what the app answered to a submission, and return that answer.

    Raises:
        BadAck: text, an unknown response_action, errors for blocks that are no inputs, or an invalid view.
    """
    if body in (None, "", {}):
        world.views.close(view)
        return None
    if not isinstance(body, dict):
        raise _refused(world, "invalid_ack", ["the body of a view_submission ack must be JSON"], body)
    match body.get("response_action"):
        case "errors":
            _check_errors(world, view, body)
        case "clear":
            world.views.close(view, everything=True)
        case "update" | "push":
            _change(world, view, body)
        case other:
            raise _refused(world, "invalid_ack", [f"unknown response_action: {other}"], body)
    return body


def _check_errors(world: World, view: View, body: Json) -> None:
    errors = body.get("errors")
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise _refused(world, "invalid_ack", ["errors must be an object with at least one entry"], body)
    strange = [name for name in errors if name not in inputs]
    if strange:
        raise _refused(world, "invalid_ack", [f"errors name no input block: {', '.join(strange)}"], body)
    if not all(isinstance(words, str) and words for words in errors.values()):
        raise _refused(world, "invalid_ack", ["every error must be a text"], body)


def _change(world: World, view: View, body: Json) -> None:
    try:
        world.require_view(body.get("view"), "modal")
        if body["response_action"] == "update":
            world.views.update(view, body["view"])
        else:
            world.views.push(view.user, body["view"])
    except SlackError as error:
        raise _refused(world, error.code, error.faults, body) from None


def check_suggestions(world: World, body: Any) -> Json:
    """The options that an app suggested.

    Raises:
        BadAck: they are no valid options.
    """
    if not isinstance(body, dict) or ("options" in body) == ("option_groups" in body):
        raise _refused(world, "invalid_ack", ["must define either options or option_groups"], body)
    if body.get("options") == []:
        return body
    select = {"type": "static_select", "action_id": "suggested", **body}
    ctx = world.context("message")
    faults = check_blocks(ctx, [{"type": "actions", "elements": [select]}])
    if faults:
        raise _refused(world, "invalid_ack", faults, body)
    return body


def _refused(world: World, code: str, faults: list[str], sent: Any) -> BadAck:
    world.refusals.append(Refusal("ack", code, tuple(faults), sent))
    return BadAck(f"{code}: {'; '.join(faults)}")
