"""How far apart messages go out: as each chat system allows, or as app.yaml says; answers to people count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import Rollcall
from bot.chats import Chat, House, make_chats
from bot.chats.teams import TeamsChat
from bot.config import EngineSettings, Secret, Settings, SlackSettings, load_policy
from bot.engine.clock import SystemClock
from bot.engine.slots import RateSlots, Slots
from bot.rooms import open_store
from handlers.teams.limits import TENANT_SPACING
from reporting.ledger import MessageRef
from tests.bot.live import SHIPPED
from tests.scenarios.on_teams import settings_for
from tests.support.teams import FakeTeams


class Counted(RateSlots):
    """Slots that write down what was taken out of turn."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0)
        self.out_of_turn: list[str] = []

    async def used(self, channel: str) -> None:
        self.out_of_turn.append(channel)


class Spaced:
    """A bot in both chat systems, not started, and the slots that it made."""

    def __init__(self, folder: Path, teams: FakeTeams, engine: EngineSettings) -> None:
        url = f"sqlite:///{folder / 'rollcall.db'}"
        self.asked: dict[str, tuple[float, float]] = {}
        self.slots = {"slack": Counted(), "teams": Counted()}
        settings = Settings(
            load_policy(SHIPPED), SlackSettings(Secret("xoxb-1"), Secret("xapp-1")), Secret(url), folder, None,
            port=0, engine=engine, teams=settings_for(teams),
        )  # fmt: skip
        self.bot = Rollcall(settings, open_store(url), SystemClock(), chats=self._make)

    def _make(self, settings: Settings, house: House) -> Mapping[str, Chat]:
        return make_chats(settings, replace(house, slots=self._slots))

    def _slots(self, platform: str, channel: float, workspace: float) -> Slots:
        self.asked[platform] = (channel, workspace)
        return self.slots[platform]


@pytest.mark.parametrize(("engine", "slack", "teams"), [
    (EngineSettings(), (1.0, 0.2), (0.5, TENANT_SPACING)),
    (EngineSettings(channel_spacing=3.0, workspace_spacing=0.5), (3.0, 0.5), (3.0, 0.5)),
    (EngineSettings(channel_spacing=0.0, workspace_spacing=0.0), (0.0, 0.0), (0.0, 0.0)),
])  # fmt: skip
async def test_what_the_operator_says_counts_in_every_chat_system(
    tmp_path: Path, engine: EngineSettings, slack: tuple[float, float], teams: tuple[float, float]
) -> None:
    async with FakeTeams() as fake:
        spaced = Spaced(tmp_path, fake, engine)
        assert spaced.asked == {"slack": slack, "teams": teams}
        await spaced.bot.stop()


async def test_answers_in_teams_take_their_slots(tmp_path: Path) -> None:
    async with FakeTeams() as fake:
        spaced = Spaced(tmp_path, fake, EngineSettings())
        chat, ana = spaced.bot.chats["teams"], fake.world.person("Ana Ruiz")
        assert isinstance(chat, TeamsChat)
        place = fake.world.chat(ana)
        answer = {"type": "message", "text": "Hello"}
        ref = await chat.messenger.say(place.id, fake.service_url, answer)
        assert ref == MessageRef(place.id, ana.messages()[0].id)
        assert spaced.slots["teams"].out_of_turn == [place.id]
        assert spaced.slots["slack"].out_of_turn == []
        await spaced.bot.stop()
