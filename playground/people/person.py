"""One person at the client, for tests: reads what the app sent and acts on it."""

from typing import Any

from playground.model import Channel, Json, Message, View
from playground.people.acts import Acts, Outcome
from playground.people.elements import search_element
from playground.people.state import (
    ClientRefusal,
    complaints,
    current_values,
    entry_for,
    kept,
)

_STATELESS = ("button", "icon_button", "feedback_buttons", "overflow")


class Person:
    """A person, who remembers what was typed into open modals as the real client does.

    Channels can be given by id or by name. `values` for modals map a block_id, or the label of an input, to a plain
    value: text, the value or label of an option, a list of those, a date, a user id.
    """

    def __init__(self, acts: Acts, user_id: str) -> None:
        self.acts = acts
        self.world = acts.world
        self.space = acts.world.space
        self.id = user_id
        self._typed: dict[str, Json] = {}

    # -- seeing ---------------------------------------------------------------------------------------------------

    @property
    def dm(self) -> Channel:
        """The direct conversation with the app."""
        return self.space.dm_with(self.id)

    def messages(self, channel: str | None = None) -> list[Message]:
        """What this person sees in a channel (default: the app's direct conversation), ephemeral ones included."""
        return self.space.visible(self._channel(channel).id, self.id)

    def ephemerals(self, channel: str | None = None) -> list[Message]:
        """The messages that only this person sees."""
        return [message for message in self.messages(channel) if message.ephemeral]

    def modals(self) -> list[Json]:
        """The open modals, bottom to top, as Slack gives them."""
        return [self.world.views.wire(view, self._typed.get(view.id)) for view in self.world.views.stack(self.id)]

    def modal(self) -> Json:
        """The modal in front.

        Raises:
            ClientRefusal: none is open.
        """
        stack = self.modals()
        if not stack:
            raise ClientRefusal(f"{self.id} has no modal open")
        return stack[-1]

    def home(self) -> Json | None:
        """The Home tab, None until one was published."""
        view = self.world.views.homes.get(self.id)
        return self.world.views.wire(view) if view is not None else None

    # -- acting in conversations ----------------------------------------------------------------------------------

    async def command(self, line: str, channel: str | None = None) -> Outcome:
        """Type a slash command."""
        return await self.acts.command(self.id, self._channel(channel).id, line)

    async def say(self, text: str, channel: str | None = None, thread_ts: str | None = None) -> Message:
        """Write a message."""
        return await self.acts.say(self.id, self._channel(channel).id, text, thread_ts)

    async def edit(self, ts: str, text: str | None, channel: str | None = None) -> None:
        """Change one's own message; None removes it."""
        await self.acts.edit(self.id, self._channel(channel).id, ts, text)

    async def click(
        self, channel: str | None, ts: str, action: str, *, value: Any = None, values: Json | None = None
    ) -> Outcome:
        """Use an element of a message.

        Args:
            action: its action_id, or the label on it.
            value: what to choose, for anything but a button.
            values: other inputs of the message, `{action_id or label: plain value}`.
        """
        place = self._channel(channel)
        message = self.space.find(place.id, ts)
        if message is None:
            raise ClientRefusal(f"there is no message {ts} in {place.id}")
        container = {"type": "message", "channel": place.id, "ts": ts}
        blocks = message.all_blocks
        return await self._use(container, blocks, action, value, self._entries(blocks, values or {}))

    # -- acting in views ------------------------------------------------------------------------------------------

    async def click_in(self, view_id: str, action: str, *, value: Any = None) -> Outcome:
        """Use an element of an open modal or of the Home tab."""
        view = self._view(view_id)
        blocks = view.body["blocks"]
        block, element = search_element(blocks, action)
        if value is not None and element["type"] not in _STATELESS:
            self._remember(view, block, element, value)
        container = {"type": "view", "view_id": view.id}
        return await self._use(container, blocks, action, value, self._state(view))

    async def click_home(self, action: str, *, value: Any = None) -> Outcome:
        """Use an element of the Home tab."""
        home = self.world.views.homes.get(self.id)
        if home is None:
            raise ClientRefusal("no Home tab was published")
        return await self.click_in(home.id, action, value=value)

    async def type(self, view_id: str, block: str, value: Any) -> Outcome:
        """Enter a value into an input; the app hears of it when the input dispatches."""
        view = self._view(view_id)
        where, element = self._input(view, block)
        self._remember(view, where, element, value)
        if where["type"] == "input" and not where.get("dispatch_action"):
            return Outcome(True)
        container = {"type": "view", "view_id": view.id}
        entry = entry_for(element, value)
        return await self.acts.action(
            self.id, container, where["block_id"], element["action_id"], entry, self._state(view)
        )

    async def submit(self, view_id: str | None = None, values: Json | None = None) -> Outcome:
        """Enter values and press submit. Required inputs that stay empty keep the form open."""
        view = self._view(view_id or self.modal()["id"])
        for name, value in (values or {}).items():
            block, element = self._input(view, name)
            self._remember(view, block, element, value)
        return await self.acts.submit(self.id, view.id, self._state(view))

    async def close(self, view_id: str | None = None, *, clear: bool = False) -> Outcome:
        """Press Cancel, or with `clear` the X."""
        view = self._view(view_id or self.modal()["id"])
        return await self.acts.close(self.id, view.id, self._state(view), clear=clear)

    async def open_home(self) -> Outcome:
        """Open the Home tab."""
        return await self.acts.open_home(self.id)

    async def open_messages(self) -> Outcome:
        """Open the Messages tab of the app and read everything there."""
        self.space.mark_read(self.dm.id, self.id)
        return await self.acts.open_home(self.id, "messages")

    async def shortcut(self, callback_id: str) -> Outcome:
        """Use a global shortcut."""
        return await self.acts.shortcut(self.id, callback_id)

    async def suggest(self, view_id: str, action: str, query: str) -> Outcome:
        """Type into an external select of a view."""
        view = self._view(view_id)
        block, element = search_element(view.body["blocks"], action)
        container = {"type": "view", "view_id": view.id}
        return await self.acts.suggest(self.id, container, block["block_id"], element["action_id"], query)

    def values(self, view_id: str) -> Json:
        """What the inputs of a view hold now, as `state.values`."""
        view = self._view(view_id)
        return current_values(self.space, view.body["blocks"], self._state(view))

    def complaints(self, view_id: str) -> dict[str, str]:
        """What the client would complain about if the form were submitted now."""
        return complaints(self._view(view_id).body["blocks"], self.values(view_id))

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _use(self, container: Json, blocks: list[Json], action: str, value: Any, typed: Json) -> Outcome:
        block, element = search_element(blocks, action)
        match element["type"]:
            case "button" | "icon_button":
                entry: Json = {}
            case "feedback_buttons":
                entry = {"value": value}
            case _:
                entry = entry_for(element, value)
        if element["type"] not in _STATELESS:
            typed = {**typed, block["block_id"]: {**typed.get(block["block_id"], {}), element["action_id"]: entry}}
        return await self.acts.action(self.id, container, block["block_id"], element["action_id"], entry, typed)

    def _entries(self, blocks: list[Json], values: Json) -> Json:
        typed: Json = {}
        for action, value in values.items():
            block, element = search_element(blocks, action)
            typed.setdefault(block["block_id"], {})[element["action_id"]] = entry_for(element, value)
        return typed

    def _remember(self, view: View, block: Json, element: Json, value: Any) -> None:
        entry = entry_for(element, value)
        probe = {block["block_id"]: {element["action_id"]: entry}}
        current_values(self.space, [block], probe)
        typed = self._state(view)
        typed.setdefault(block["block_id"], {})[element["action_id"]] = entry
        self._typed[view.id] = typed

    def _state(self, view: View) -> Json:
        return kept(view.body["blocks"], self._typed.get(view.id, {}))

    def _view(self, view_id: str) -> View:
        view = self.world.views.find(view_id)
        if view is None or view.user != self.id:
            raise ClientRefusal(f"the view {view_id} is not open for {self.id}")
        return view

    def _input(self, view: View, name: str) -> tuple[Json, Json]:
        for block in view.body["blocks"]:
            if block["type"] == "input" and name in (block["block_id"], block["label"]["text"]):
                return block, block["element"]
        for block in view.body["blocks"]:
            if block["block_id"] == name and "accessory" in block:
                return block, block["accessory"]
        return search_element(view.body["blocks"], name)

    def _channel(self, given: str | None) -> Channel:
        if given is None:
            return self.dm
        for channel in self.space.channels.values():
            if given in (channel.id, channel.name) or (channel.name and given == f"#{channel.name}"):
                return channel
        raise ClientRefusal(f"there is no channel {given!r}")
