"""Everything a person can do in the client, as one action each that ends with the app's acknowledgement."""

from dataclasses import dataclass
from typing import Any

from playground.api.render import message_json
from playground.delivery import payloads
from playground.model import Channel, Command, Json, Message, User, View
from playground.people.acks import (
    TROUBLE,
    BadAck,
    apply_command_ack,
    apply_submission_ack,
    check_suggestions,
)
from playground.people.elements import Found, action_entry, find_element
from playground.people.hooks import ResponseHooks
from playground.people.state import (
    ClientRefusal,
    complaints,
    current_values,
    without_inputs,
)
from playground.people.text import command_text, linked
from playground.world import Ack, World


@dataclass(frozen=True)
class Outcome:
    """What came of an action.

    Attributes:
        error: what the person sees when it went wrong.
        ack: the app's acknowledgement, or the client's own complaints in the same shape.
    """

    ok: bool
    error: str | None = None
    ack: Any = None
    took_ms: int = 0


class Acts:
    """The actions of all people. Anything a real client would not allow raises ClientRefusal."""

    def __init__(self, world: World, hooks: ResponseHooks) -> None:
        self.world = world
        self.hooks = hooks

    # -- writing --------------------------------------------------------------------------------------------------

    async def command(self, user_id: str, channel_id: str, line: str) -> Outcome:
        """Type a slash command into a channel."""
        user, channel = self._in_channel(user_id, channel_id)
        name, _, rest = line.strip().partition(" ")
        command = self._command(name)
        if command is None:
            return Outcome(False, f"{name} is not a valid command.")
        text = command_text(self.world.space, command, rest.strip())
        hook = self.hooks.new("commands", user.id, channel.id)
        form = payloads.command_form(self.world, user, channel, command, text, hook)
        ack = await self.world.courier.deliver("slash_commands", name, form)
        if not ack.ok:
            reason = "operation_timeout" if ack.error in ("http_timeout", "timeout") else "dispatch_failed"
            return _failed(ack, f'{name} failed with the error "{reason}"')
        try:
            apply_command_ack(self.world, user.id, channel.id, ack.body)
        except BadAck:
            return _failed(ack, f'{name} failed with the error "dispatch_failed"')
        return _done(ack)

    async def say(self, user_id: str, channel_id: str, text: str, thread_ts: str | None = None) -> Message:
        """Write a message, in a thread or not."""
        user, channel = self._in_channel(user_id, channel_id)
        if not text.strip():
            raise ClientRefusal("an empty message cannot be sent")
        if channel.archived:
            raise ClientRefusal("the channel is archived")
        if thread_ts and self.world.space.find(channel.id, thread_ts) is None:
            raise ClientRefusal("there is no such thread")
        space = self.world.space
        written = linked(space, text, with_names=False)
        ts = space.timestamp()
        message = Message(ts, channel.id, user.id, written, thread_ts=thread_ts, client_msg_id=ts.replace(".", "-"))
        space.post(message)
        space.mark_read(channel.id, user.id)
        bot = space.app.bot_user_id
        if bot in channel.members:
            self.world.courier.event(payloads.message_event(self.world, message))
            if channel.kind != "im" and f"<@{bot}>" in written:
                self.world.courier.event(payloads.mention_event(self.world, message))
        return message

    async def edit(self, user_id: str, channel_id: str, ts: str, text: str | None) -> None:
        """Change one's own message, or with None remove it; the app hears message_changed or message_deleted."""
        user, channel = self._in_channel(user_id, channel_id)
        message = self.world.space.find(channel.id, ts)
        if message is None or message.user != user.id:
            raise ClientRefusal("people change only their own messages")
        previous = message_json(self.world, message)
        if text is None:
            message.deleted = True
        else:
            message.text = linked(self.world.space, text, with_names=False)
            message.edited = {"user": user.id, "ts": self.world.space.timestamp()}
        self.world.space.changed(message)
        if self.world.space.app.bot_user_id in channel.members:
            self.world.courier.event(payloads.change_event(self.world, message, previous))

    # -- clicking -------------------------------------------------------------------------------------------------

    async def action(
        self, user_id: str, container: Json, block_id: str, action_id: str, element: Json, typed: Json
    ) -> Outcome:
        """Use one element: press a button, choose an option, leave a dispatching input."""
        user = self._person(user_id)
        found = self._find(user, container, block_id, action_id)
        entry = action_entry(self.world.space, found, element)
        body = payloads.interaction(self.world, user, "block_actions", view=found.view)
        values = current_values(self.world.space, found.blocks, typed)
        if found.view is not None:
            body |= payloads.in_view(self.world, found.view, values)
        else:
            assert found.message is not None
            hook = self.hooks.new("actions", user.id, found.message.channel, found.message)
            body |= payloads.in_message(self.world, found.message, hook) | {"state": {"values": values}}
        body["actions"] = [entry | {"action_ts": self.world.space.timestamp()}]
        ack = await self.world.courier.deliver("interactive", "block_actions", body)
        return _done(ack) if ack.ok else _failed(ack, TROUBLE)

    async def suggest(self, user_id: str, container: Json, block_id: str, action_id: str, query: str) -> Outcome:
        """Type into an external select and get the app's suggestions."""
        user = self._person(user_id)
        found = self._find(user, container, block_id, action_id)
        if not found.element["type"].endswith("external_select"):
            raise ClientRefusal("only an external select asks the app for options")
        if len(query) < found.element.get("min_query_length", 3):
            return Outcome(True, ack={"options": []})
        body = payloads.interaction(self.world, user, "block_suggestion", trigger=False)
        body |= {"action_id": action_id, "block_id": block_id, "value": query}
        if found.view is not None:
            body |= payloads.in_view(self.world, found.view, {})
        else:
            assert found.message is not None
            body |= payloads.in_message(self.world, found.message, "")
            body.pop("response_url")
        ack = await self.world.courier.deliver("interactive", "block_suggestion", body)
        if not ack.ok:
            return _failed(ack, TROUBLE)
        try:
            return Outcome(True, ack=check_suggestions(self.world, ack.body), took_ms=_ms(ack))
        except BadAck as bad:
            return _failed(ack, str(bad))

    # -- modals ---------------------------------------------------------------------------------------------------

    async def submit(self, user_id: str, view_id: str, typed: Json) -> Outcome:
        """Press the submit button of the modal on top."""
        user = self._person(user_id)
        view = self._top(user, view_id)
        if "submit" not in view.body:
            raise ClientRefusal("this modal has no submit button")
        blocks = view.body["blocks"]
        values = current_values(self.world.space, blocks, typed)
        wrong = complaints(blocks, values)
        if wrong:
            refusal = {"response_action": "errors", "errors": wrong}
            return Outcome(False, "; ".join(f"{name}: {words}" for name, words in wrong.items()), refusal)
        urls = self._response_urls(user, view, values)
        body = payloads.view_submission(self.world, user, view, values, urls)
        ack = await self.world.courier.deliver("interactive", "view_submission", body)
        if not ack.ok:
            return _failed(ack, TROUBLE)
        try:
            answer = apply_submission_ack(self.world, view, ack.body)
        except BadAck:
            return _failed(ack, TROUBLE)
        refused = isinstance(answer, dict) and answer["response_action"] == "errors"
        return Outcome(not refused, None, answer, _ms(ack))

    async def close(self, user_id: str, view_id: str, typed: Json, *, clear: bool = False) -> Outcome:
        """Press Cancel on the modal on top, or with `clear` the X that closes the whole stack."""
        user = self._person(user_id)
        view = self._top(user, view_id)
        root = self.world.views.stack(user.id)[0]
        cleared = clear or bool(view.body.get("clear_on_close"))
        closed = root if cleared else view
        values = current_values(self.world.space, closed.body["blocks"], typed if closed is view else {})
        self.world.views.close(view, everything=cleared)
        if not closed.body.get("notify_on_close"):
            return Outcome(True)
        state = without_inputs(closed.body["blocks"], values)
        body = payloads.view_closed(self.world, user, closed, state, cleared=cleared)
        ack = await self.world.courier.deliver("interactive", "view_closed", body)
        return _done(ack) if ack.ok else _failed(ack, TROUBLE)

    # -- elsewhere ------------------------------------------------------------------------------------------------

    async def open_home(self, user_id: str, tab: str = "home") -> Outcome:
        """Open the app's Home tab, or its Messages tab."""
        user = self._person(user_id)
        self.world.courier.event(payloads.home_event(self.world, user, tab))
        return Outcome(True)

    async def shortcut(self, user_id: str, callback_id: str) -> Outcome:
        """Use a global shortcut of the app."""
        user = self._person(user_id)
        if callback_id not in self.world.space.app.shortcuts:
            raise ClientRefusal(f"the app has no shortcut {callback_id!r}")
        body = payloads.shortcut(self.world, user, callback_id)
        ack = await self.world.courier.deliver("interactive", "shortcut", body)
        return _done(ack) if ack.ok else _failed(ack, TROUBLE)

    # -- looking up -----------------------------------------------------------------------------------------------

    def _person(self, user_id: str) -> User:
        user = self.world.space.users.get(user_id)
        if user is None or user.is_bot or user.deleted:
            raise ClientRefusal(f"{user_id} is nobody who can act here")
        return user

    def _in_channel(self, user_id: str, channel_id: str) -> tuple[User, Channel]:
        user = self._person(user_id)
        channel = self.world.space.channels.get(channel_id)
        if channel is None or user.id not in channel.members:
            raise ClientRefusal(f"{user_id} is not in the conversation {channel_id}")
        return user, channel

    def _command(self, name: str) -> Command | None:
        return next((entry for entry in self.world.space.app.commands if entry.command == name), None)

    def _top(self, user: User, view_id: str) -> View:
        stack = self.world.views.stack(user.id)
        if not stack or stack[-1].id != view_id:
            raise ClientRefusal(f"the view {view_id} is not in front of {user.id}")
        return stack[-1]

    def _find(self, user: User, container: Json, block_id: str, action_id: str) -> Found:
        view = message = None
        if container.get("type") == "view":
            view = self.world.views.find(str(container.get("view_id")))
            if view is None or view.user != user.id:
                raise ClientRefusal("this view is not open")
            blocks = view.body["blocks"]
        else:
            _, channel = self._in_channel(user.id, str(container.get("channel")))
            message = self.world.space.find(channel.id, str(container.get("ts")))
            if message is None or message.only_for not in (None, user.id):
                raise ClientRefusal("there is no such message")
            blocks = message.all_blocks
        block, element = find_element(blocks, block_id, action_id)
        return Found(blocks, block, element, view, message)

    def _response_urls(self, user: User, view: View, values: Json) -> list[Json]:
        urls = []
        for block in view.body["blocks"]:
            element = block.get("element", {})
            if block["type"] != "input" or not element.get("response_url_enabled"):
                continue
            entry = values[block["block_id"]][element["action_id"]]
            channel = entry.get("selected_conversation") or entry.get("selected_channel")
            if channel:
                place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
                urls.append(place | {"response_url": self.hooks.new("app", user.id, channel)})
        return urls


def _ms(ack: Ack) -> int:
    return round(ack.took * 1000)


def _done(ack: Ack) -> Outcome:
    return Outcome(True, None, ack.body, _ms(ack))


def _failed(ack: Ack, words: str) -> Outcome:
    return Outcome(False, words, None, _ms(ack))
