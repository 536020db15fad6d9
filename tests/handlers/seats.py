"""Two chat systems behind one door, for the tests that both must pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from handlers.slack.sender import SlackMessenger, refuses_new_blocks
from handlers.teams.errors import refuses_card
from handlers.teams.http import Timeouts
from handlers.teams.sender import TeamsMessenger
from reporting.ledger import MessageRef
from reporting.ports import DeliveryError, Messenger
from tests.handlers.slack.conftest import Bench, bench, workspace
from tests.support.teams import FakePerson, FakeTeam
from tests.support.teams.wired import Wired, wired

Call = Literal["post", "update"]
Fault = Literal["lost_before", "lost_after", "busy"]


class Seat(Protocol):
    """A messenger, and the other side of it: Ana with a chat, a channel, somebody whom nobody knows.

    Attributes:
        broken: a part that the chat system does not take.
    """

    ana: str
    mail: str
    channel: str
    nobody: str
    no_channel: str
    broken: dict[str, Any]

    @property
    def messenger(self) -> Messenger:
        """The one under test."""
        ...

    def seen(self, target: str) -> list[str]:
        """What stands in a channel, or in somebody's chat: the short text of each message, oldest first."""
        ...

    def under(self, ref: MessageRef) -> list[str]:
        """The short texts in the thread of a message."""
        ...

    def loud(self, target: str) -> bool:
        """Whether anything there would ping somebody."""
        ...

    def fault(self, call: Call, kind: Fault) -> None:
        """The next call of this kind goes wrong."""
        ...

    def calls(self, call: Call) -> int:
        """How many there were."""
        ...

    def refusals(self) -> list[Any]:
        """What was refused for a reason of ours."""
        ...

    def close_the_door(self) -> None:
        """The installation is taken away."""
        ...

    def about_blocks(self, error: DeliveryError) -> bool:
        """Whether a refusal is about what was drawn."""
        ...


class SlackSeat:
    """Slack, over the playground."""

    ana, mail, channel, nobody, no_channel = "U1", "ana@example.com", "C1", "U9", "C9"
    broken: dict[str, Any] = {"text": "x", "blocks": [{"type": "no_such_block"}]}  # noqa: RUF012 - never changed

    def __init__(self, running: Bench) -> None:
        self._bench = running
        self._messenger = running.messenger

    @property
    def messenger(self) -> SlackMessenger:
        return self._messenger

    def _messages(self, target: str) -> list[Any]:
        person = self._bench.pg.person("U1")
        return list(person.messages(*([] if target == self.ana else [target])))

    def seen(self, target: str) -> list[str]:
        return [message.text for message in self._messages(target)]

    def under(self, ref: MessageRef) -> list[str]:
        return [one.text for one in self._messages(ref.channel) if one.thread_ts == ref.message_id != one.ts]

    def loud(self, target: str) -> bool:
        return any(_calls(one.text) or _pings(one.blocks) for one in self._messages(target))

    def fault(self, call: Call, kind: Fault) -> None:
        method = "chat.postMessage" if call == "post" else "chat.update"
        kinds: dict[Fault, Any] = {"lost_before": "drop_before", "lost_after": "drop_after", "busy": "ratelimited"}
        self._bench.pg.faults.add(method, kinds[kind], seconds=9)

    def calls(self, call: Call) -> int:
        return len(self._bench.pg.log.calls("chat.postMessage" if call == "post" else "chat.update"))

    def refusals(self) -> list[Any]:
        return list(self._bench.pg.refusals)

    def close_the_door(self) -> None:
        self._bench.pg.uninstall()

    def about_blocks(self, error: DeliveryError) -> bool:
        return refuses_new_blocks(error) or error.code == "invalid_blocks"


class TeamsSeat:
    """Teams, over the stand-in."""

    nobody, no_channel = "99999999-0000-4000-8000-000000000099", "19:nowhere@thread.tacv2"
    broken: dict[str, Any] = {  # noqa: RUF012 - never changed
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "NoSuchElement"}]},
            }
        ],
    }

    def __init__(self, running: Wired) -> None:
        self._wired = running
        self._person: FakePerson = running.met(running.fake.world.person("Ana Ruiz"))
        self._team: FakeTeam = running.met_team(running.fake.world.team("Research", [self._person]))
        self.ana, self.mail, self.channel = self._person.aad, self._person.mail, self._team.id

    @property
    def messenger(self) -> TeamsMessenger:
        return self._wired.messenger

    def _messages(self, target: str) -> list[Any]:
        return self._person.messages() if target == self.ana else self._team.general.messages()

    def seen(self, target: str) -> list[str]:
        return [message.summary for message in self._messages(target)]

    def under(self, ref: MessageRef) -> list[str]:
        return [one.summary for one in self._messages(ref.channel) if one.root == ref.message_id]

    def loud(self, target: str) -> bool:
        return any(one.card.get("msteams", {}).get("entities") for one in self._messages(target))

    def fault(self, call: Call, kind: Fault) -> None:
        method = "send" if call == "post" else "update"
        if kind == "busy":
            self._wired.fake.faults.add(method, status=429, headers={"Retry-After": "9"})
        else:
            self._wired.fake.faults.add(method, "drop_before" if kind == "lost_before" else "drop_after")

    def calls(self, call: Call) -> int:
        return len(self._wired.fake.of("send" if call == "post" else "update"))

    def refusals(self) -> list[Any]:
        return self._wired.fake.refusals

    def close_the_door(self) -> None:
        self._wired.fake.login.revoke()
        self._wired.fake.login.closed = True

    def about_blocks(self, error: DeliveryError) -> bool:
        return refuses_card(error)


def _calls(text: str) -> bool:
    return "<!" in text or "<@" in text


def _pings(value: Any) -> bool:
    """Whether blocks of Slack hold an element that pings; literal text does not, whatever it looks like."""
    if isinstance(value, list):
        return any(_pings(one) for one in value)
    if not isinstance(value, dict):
        return False
    if value.get("type") in {"user", "usergroup", "broadcast"}:
        return True
    return (value.get("type") == "mrkdwn" and _calls(value["text"])) or any(_pings(one) for one in value.values())


@asynccontextmanager
async def seat(platform: str, folder: Path) -> AsyncIterator[Seat]:
    """One of them."""
    if platform == "slack":
        async with bench("none", space=workspace()) as running:
            yield SlackSeat(running)
    else:
        async with wired(folder, timeouts=Timeouts(connect=2.0, total=5.0)) as teams:
            yield TeamsSeat(teams)
