"""Somebody at a Teams client: reads cards, presses their buttons, fills in dialogs, as the real client would.

An untouched or empty input is missing from what is sent, and every value is text (Teams docs: input validation).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp

from handlers.teams.data import click_data, opening_data
from tests.scenarios.client import Button, Refused, Seen
from tests.scenarios.slack_client import chosen
from tests.support.teams import FakePerson, FakeTeams, Place, Posted

Json = dict[str, Any]
_OURS = "rollcall"
_WORDS = ("title", "label", "text", "value", "placeholder", "altText", "errorMessage")
# The command of the compose box that opens what is owed.
COMPOSE = "report"


class TeamsClient:
    """See `Client`.

    Args:
        tz: where the person sits; every activity tells it.
        place: a channel of the test by its name.
        address: where the bot takes activities.
    """

    def __init__(
        self, teams: FakeTeams, person: FakePerson, tz: str, place: Callable[[str], Place], address: Callable[[], str]
    ) -> None:
        self._tz = tz
        self._teams = teams
        self._person = person
        self._place = place
        self._address = address
        self._answers: list[str] = []
        self._greetings: set[str] = set()
        self._form: Json | None = None
        self._title = ""
        self._typed: Json = {}
        self.id = person.aad

    # ------------------------------------------------------------ seeing

    def inbox(self) -> list[Seen]:
        aside = {*self._answers, *self._greetings}
        return [seen(one) for one in self._person.messages() if one.id not in aside]

    def channel(self, name: str) -> list[Seen]:
        return [seen(one) for one in self._place(name).messages("")]

    def thread(self, message: Seen) -> list[Seen]:
        place = self._teams.world.at(message.place)
        return [seen(one) for one in place.messages(message.id)] if place else []

    def answers(self) -> list[Seen]:
        return [seen(one) for one in self._person.messages() if one.id in self._answers]

    def form(self) -> Seen | None:
        if self._form is None:
            return None
        values = {one.get("label"): self._value(one) for one in _inputs(self._form)}
        text = f"{self._title}\n{words(self._form)}\n{values}"
        return Seen("", "", text, self._title, tuple(_buttons(self._form)))

    def labels(self) -> set[str]:
        return {_label(one) for one in _inputs(self._form or {})}

    # ------------------------------------------------------------ installing

    async def installed(self) -> None:
        """The app is installed for this person."""
        await self._send(self._teams.activity(self._person, type="installationUpdate", action="add"))

    async def installed_in(self, place: Place) -> None:
        """This person installs the app in the team of a channel."""
        await self._send(self._teams.activity(self._person, place, type="installationUpdate", action="add"))

    async def uninstalled(self) -> None:
        """This person takes the app away."""
        self._teams.world.uninstall(self._person)
        await self._send(self._teams.activity(self._person, type="installationUpdate", action="remove"))

    async def happened(self, place: Place, event: str) -> None:
        """Something happened to a channel, or to its team, and Teams tells of it."""
        activity = self._teams.activity(self._person, place, type="conversationUpdate")
        activity["channelData"] |= {"eventType": event}
        activity["channelData"]["channel"] |= {"name": place.name}
        await self._send(activity)

    def begin(self, since: int = 0) -> None:
        """The greeting was read; what comes from now on counts, and what had come before the `since`th message."""
        self._greetings |= {one.id for one in self._person.messages()[since:]}

    # ------------------------------------------------------------ writing

    async def say(self, text: str) -> None:
        await self._send(self._teams.activity(self._person, text=text))

    async def ask(self, line: str) -> None:
        before = {one.id for one in self._person.messages()}
        await self.say(line or "overview")
        for _ in range(500):
            new = [one.id for one in self._person.messages() if one.id not in before]
            if new:
                self._answers += new
                return
            await asyncio.sleep(0.01)
        raise Refused(f"no answer to {line}")

    async def open_by_line(self, line: str) -> None:
        await self.ask(line)
        button = next(b for b in self.answers()[-1].buttons if b.handle["type"] == "Action.Submit")
        await self._fetch(button.handle["data"], self.answers()[-1].id)

    async def owed(self) -> None:
        value = {"commandId": COMPOSE, "commandContext": "compose", "context": {"theme": "default"}}
        self._show(await self._invoke("composeExtension/fetchTask", value))

    async def home(self) -> str:
        await self.ask("home")
        return self.answers()[-1].text

    # ------------------------------------------------------------ pressing

    async def press(self, message: Seen, label: str = "", action: str = "", value: str = "") -> None:
        pressed = chosen(message, label, action, value).handle
        data = pressed.get("data", {})
        if not message.id:
            await self._submit(data)
        elif pressed["type"] == "Action.Execute":
            await self._execute(pressed, message)
        elif data.get("msteams", {}).get("type") == "task/fetch":
            await self._fetch(data, message.id)
        else:
            place = self._teams.world.at(message.place)
            await self._send(self._teams.activity(self._person, place, value=data, replyToId=message.id))

    async def _execute(self, pressed: Json, message: Seen) -> None:
        action = {"type": "Action.Execute", "verb": pressed.get("verb", ""), "data": pressed.get("data", {})}
        place = self._teams.world.at(message.place)
        value = {"action": action, "trigger": "manual"}
        answer = await self._invoke("adaptiveCard/action", value, place, replyToId=message.id)
        if answer.get("statusCode", 200) != 200:
            raise Refused(answer)

    async def renewed(self, place: Place, message_id: str, action: Json) -> Json:
        """The card that is shown in the place of a posted one, as the client asks for by itself; empty for none."""
        value = {"action": action, "trigger": "automatic"}
        answer = await self._invoke("adaptiveCard/action", value, place, replyToId=message_id)
        made = answer["value"]
        return made if isinstance(made, dict) else {}

    # ------------------------------------------------------------ what no client of ours would do

    async def pressing(self, action: str, value: str, way: str = "dialog") -> str:
        """Press a button that this client was never shown, in one of three ways; what is answered at once.

        Args:
            way: `dialog` as if it opened one, `execute` as if it changed its card, `message` as an old client would.
        """
        data = click_data(action, value, "message")
        if way == "dialog":
            return words((await self._invoke("task/fetch", _task(opening_data(action, value, "message")))).get("task"))
        if way == "message":
            await self._send(self._teams.activity(self._person, value=data, replyToId="1"))
            return ""
        pressed = {"type": "Action.Execute", "verb": action, "data": data}
        answer = await self._invoke("adaptiveCard/action", {"action": pressed, "trigger": "manual"}, replyToId="1")
        return words(answer)

    def sending(self, **values: Any) -> Json:
        """What this client would send of the form in front, with these values in it; `_` stands for a blank."""
        for name, value in values.items():
            self._enter(name.replace("_", " "), value)
        button = next(b for b in self.form().buttons if _kind(b) == "send")  # type: ignore[union-attr]
        return self._filled(button.handle["data"])

    async def submit(self, data: Json, name: str = "task/submit") -> Json:
        """Send that; the answer. The form in front stays as it is."""
        extension = {"commandId": COMPOSE, "commandContext": "compose"} if name.startswith("composeExtension/") else {}
        return await self._invoke(name, extension | _task(data))

    async def knock(self, activity: Json, headers: dict[str, str] | None = None) -> int:
        """Post an activity, with another token if there is one; the status of the answer."""
        return (await self._post(activity, headers))[0]

    async def _fetch(self, data: Json, message_id: str) -> None:
        self._show(await self._invoke("task/fetch", _task(data), replyToId=message_id))

    # ------------------------------------------------------------ the dialog

    async def fill(self, label: str, value: str) -> None:
        self._enter(label, value)
        look = next((b for b in self.form().buttons if _kind(b) == "look"), None)  # type: ignore[union-attr]
        field = next(one for one in _inputs(self._form or {}) if _label(one) == label)
        if look is not None and field["type"] == "Input.ChoiceSet":
            await self._submit(look.handle["data"])

    async def send(self, **values: Any) -> bool:
        for name, value in values.items():
            self._enter(name.replace("_", " "), value)
        button = next(b for b in self.form().buttons if _kind(b) == "send")  # type: ignore[union-attr]
        await self._submit(button.handle["data"])
        return self._form is None or '"style": "attention"' not in str(self._form).replace("'", '"')

    async def dismiss(self) -> None:
        keep = next((b for b in self.form().buttons if _kind(b) == "keep"), None)  # type: ignore[union-attr]
        if keep is not None:
            await self._submit(keep.handle["data"])
        self._form = None

    def _enter(self, label: str, value: Any) -> None:
        field = next((one for one in _inputs(self._form or {}) if _label(one) == label), None)
        if field is None:
            raise Refused(f"no field {label} among {sorted(self.labels())}")
        self._typed[field["id"]] = (
            _option(field, value) if field.get("choices") and "choices.data" not in field else str(value)
        )

    def _value(self, field: Json) -> str:
        return str(self._typed.get(field["id"], field.get("value", "")))

    async def _submit(self, data: Json) -> None:
        self._show(await self._invoke("task/submit", _task(self._filled(data))))

    def _filled(self, data: Json) -> Json:
        return {**data, **{one["id"]: value for one in _inputs(self._form or {}) if (value := self._value(one))}}

    def _show(self, answer: Json) -> None:
        self._typed = {}
        task = answer.get("task") or {}
        if task.get("type") == "continue":
            self._title = task["value"]["title"]
            self._form = task["value"]["card"]["content"]
        elif task.get("type") == "message":
            self._title, self._form = "", None
        else:
            self._form = None

    # ------------------------------------------------------------ the wire

    async def _invoke(self, name: str, value: Any, place: Place | None = None, **more: Any) -> Json:
        status, body = await self._post(self._teams.invoke(self._person, name, value, place, **more))
        if status != 200:
            raise Refused(f"{name}: {status} {body}")
        return body or {}

    async def _send(self, activity: Json) -> None:
        status, body = await self._post(activity)
        if status not in (200, 201, 202):
            raise Refused(f"{status} {body}")

    async def _post(self, activity: Json, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        headers = self._teams.inbound_headers() if headers is None else headers
        about = [one | ({"timezone": self._tz} if one["type"] == "clientInfo" else {}) for one in activity["entities"]]
        activity = activity | {"localTimezone": self._tz, "entities": about}
        async with (
            aiohttp.ClientSession() as client,
            client.post(self._address(), json=activity, headers=headers) as answer,
        ):
            text = await answer.text()
            return answer.status, (await answer.json()) if text else None


def seen(posted: Posted) -> Seen:
    """A message of the bot, as somebody sees it."""
    cards = [one["content"] for one in posted.activity.get("attachments", ())]
    text = "\n".join([posted.activity.get("text", ""), posted.summary, *(words(card) for card in cards)])
    buttons = tuple(button for card in cards for button in _buttons(card))
    return Seen(posted.conversation, posted.id, text, posted.summary, buttons)


def words(value: Any) -> str:
    """Every text of a card in the order in which it is read, markup taken off."""
    return " ".join(_texts(value)).replace("\\", "").replace("**", "")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from [one] if isinstance(one, str) else _texts(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str):
                if name in _WORDS:
                    yield one
            elif name not in ("data", "fallback", "msteams"):
                yield from _texts(one)


def _every(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for one in value:
            yield from _every(one)
    elif isinstance(value, dict):
        yield value
        for name, one in value.items():
            if name not in ("data", "fallback", "msteams"):
                yield from _every(one)


def _buttons(card: Json) -> Iterator[Button]:
    for one in _every(card):
        if str(one.get("type", "")).startswith("Action.") and "data" in one:
            ours = one["data"].get(_OURS, {})
            yield Button(one.get("title", "").replace("\\", ""), ours.get("do", ""), ours.get("with", ""), one)


def _inputs(card: Json) -> Iterator[Json]:
    return (one for one in _every(card) if str(one.get("type", "")).startswith("Input."))


def _label(field: Json) -> str:
    return str(field.get("label", "")).replace("\\", "").removesuffix(" (optional)")


def _option(field: Json, value: Any) -> str:
    """The value of the option with this title, or whose title begins with it before a colon."""
    for one in field["choices"]:
        if value in (one["title"], one["title"].partition(":")[0]):
            return str(one["value"])
    raise Refused(f"no option {value} among {[one['title'] for one in field['choices']]}")


def _kind(button: Button) -> str:
    return str(button.handle["data"].get(_OURS, {}).get("kind", ""))


def _task(data: Json) -> Json:
    return {"data": data, "context": {"theme": "default"}}
