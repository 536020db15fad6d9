"""Somebody at Slack's client, as the local workspace plays it."""

from __future__ import annotations

from typing import Any

from playground import Person, Playground
from playground.model import Message
from tests.scenarios.client import Button, Refused, Seen

# Where commands are typed; private answers come there.
WHERE = "C_LEAD"


class SlackClient:
    """See `Client`."""

    def __init__(self, playground: Playground, name: str) -> None:
        self._playground = playground
        self._person: Person = playground.person(f"U_{name.upper()}")
        self.id = self._person.id

    def inbox(self) -> list[Seen]:
        return [seen(m) for m in self._person.messages() if not m.ephemeral]

    def channel(self, name: str) -> list[Seen]:
        posted = self._playground.workspace.visible(f"C_{name}")
        return [seen(m) for m in posted if not m.ephemeral and m.thread_ts in (None, m.ts)]

    def thread(self, message: Seen) -> list[Seen]:
        posted = self._playground.workspace.visible(message.place)
        return [seen(m) for m in posted if m.thread_ts == message.id and m.ts != message.id]

    def answers(self) -> list[Seen]:
        return [seen(m) for m in self._person.ephemerals(WHERE)]

    async def say(self, text: str) -> None:
        await self._person.say(text)

    async def ask(self, line: str) -> None:
        outcome = await self._person.command(f"/rag {line}".strip(), WHERE)
        if not outcome.ok:
            raise Refused(outcome.error)

    async def press(self, message: Seen, label: str = "", action: str = "", value: str = "") -> None:
        button = chosen(message, label, action, value)
        kind = "message" if message.id else "view"
        container = {"type": kind, "channel": message.place, "ts": message.id}
        if not message.id:
            container = {"type": kind, "view_id": message.place}
        block, element = button.handle
        outcome = await self._person.acts.action(self.id, container, block, element, {}, {})
        if not outcome.ok:
            raise Refused(outcome.error)

    async def open_by_line(self, line: str) -> None:
        await self._opening(self.ask(line))

    async def owed(self) -> None:
        await self._opening(self._person.shortcut("report"))

    async def _opening(self, doing: Any) -> None:
        before = len(self._person.modals())
        await doing
        await self._playground.until(
            lambda: len(self._person.modals()) > before and "One moment" not in str(self._person.modal())
        )

    def form(self) -> Seen | None:
        if not self._person.modals():
            return None
        view = self._person.modal()
        text = f"{view['title']['text']}\n{view['blocks']}\n{self._person.values(view['id'])}"
        return Seen(view["id"], "", text, view["title"]["text"], _buttons(view["blocks"]))

    def labels(self) -> set[str]:
        return {b["label"]["text"] for b in self._person.modal()["blocks"] if b["type"] == "input"}

    async def fill(self, label: str, value: str) -> None:
        await self._person.type(self._person.modal()["id"], label, value)

    async def send(self, **values: Any) -> bool:
        modal = self._person.modal()["id"]
        outcome = await self._person.submit(modal, {k.replace("_", " "): v for k, v in values.items()})
        return outcome.ok and not (outcome.ack or {}).get("errors")

    async def dismiss(self) -> None:
        await self._person.close()

    async def home(self) -> str:
        before = self._person.home()
        await self._person.open_home()
        if before is None:
            await self._playground.until(lambda: self._person.home() is not None)
        return str(self._person.home())


def seen(message: Message) -> Seen:
    """A message of the workspace, as somebody sees it."""
    text = f"{message.text}\n{message.blocks}"
    return Seen(message.channel, message.ts, text, message.text, _buttons(message.all_blocks))


def chosen(message: Seen, label: str, action: str, value: str) -> Button:
    """The button that is meant.

    Raises:
        Refused: there is none.
    """
    for button in message.buttons:
        if (not label or button.label == label) and button.action.startswith(action) and button.value.endswith(value):
            return button
    raise Refused(f"no button {label or action} {value} among {[b.label for b in message.buttons]}")


def _buttons(blocks: list[dict[str, Any]]) -> tuple[Button, ...]:
    found = []
    for block in blocks:
        inside = block.get("elements", []) if block["type"] == "actions" else []
        for element in [*inside, *([block["accessory"]] if "accessory" in block else [])]:
            label = (element.get("text") or {}).get("text", "")
            handle = (block["block_id"], element["action_id"])
            found.append(Button(label, element["action_id"], str(element.get("value") or ""), handle))
    return tuple(found)
