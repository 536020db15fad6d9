"""The composition root with two chat systems: what it asks of each, and that one's trouble is not the other's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from bot.app import Rollcall
from bot.chats import Chat, Finding, House, NotReached
from bot.chats.base import Named
from bot.config import ConfigFaults, Ending, Fault, Secret, Settings, load_policy
from bot.doctor import examine
from bot.engine.clock import SystemClock
from bot.engine.slots import RateSlots
from bot.rooms import open_store
from reporting.ledger import DeliveryState
from reporting.messages_json import to_json
from reporting.model import Identity, Person, Project
from reporting.policy import Policy
from reporting.ports import AppFault, DeliveryError, InstallationStopped, Profile, TargetGone
from reporting.services.outbox import plan
from reporting.texts import Texts
from tests.bot.live import QUICK, SHIPPED
from tests.engine.messenger import Chat as Room
from tests.engine.messenger import FakeMessenger, paragraphs

CHANNEL = "19:abc@thread.tacv2"
MESSAGE = to_json(paragraphs("x"))


class Directory(FakeMessenger):
    """Knows everybody by mail address."""

    def __init__(self, platform: str) -> None:
        super().__init__(Room())
        self.platform = platform
        self.asked: list[str] = []

    async def lookup(self, email: str) -> Profile | None:
        self.asked.append(email)
        return Profile(Identity(self.platform, "home", email.partition("@")[0]), email, email, None, None, True)

    async def profile(self, user_id: str) -> Profile | None:
        return Profile(Identity(self.platform, "home", user_id), user_id, None, None, None, True)


@dataclass
class FakeChat:
    """One chat system, with what was asked of it."""

    platform: str
    house: House
    mode: str = "http"
    gone: tuple[str, ...] = ("channel_lost",)
    done: list[str] = field(default_factory=list)
    wrong: list[Fault] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    refusal: DeliveryError | None = None

    def __post_init__(self) -> None:
        self.title = self.platform.capitalize()
        self.messenger = Directory(self.platform)
        self.slots = RateSlots(0.0, 0.0)
        self.named: Named = ()

    @property
    def checks(self) -> FakeChat:
        return self

    def form_faults(self, policy: Policy) -> Iterator[Fault]:
        yield from ()

    async def faults(self, channels: Named) -> list[Fault]:
        self.named = channels
        return self.wrong

    async def findings(self, channels: Named, now: datetime) -> AsyncIterator[Finding]:
        yield Finding(not self.wrong, self.platform, ", ".join(name for name, _ in channels))

    def about_blocks(self, fault: AppFault) -> bool:
        return False

    def remedy(self, t: Texts, error: str) -> str:
        return error

    def when_ended(self, t: Texts, code: str) -> str:
        return f"mend {code}"

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(f"/{self.platform}", lambda _request: PlainTextResponse(self.platform))]

    async def target(self, name: str) -> str:
        return f"id of {name}"

    async def listen(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.done.append("listen")

    async def not_ready(self) -> list[str]:
        return self.reasons

    async def settled(self) -> None:
        self.done.append("settled")

    async def deafen(self) -> None:
        self.done.append("deafen")

    async def finish(self, seconds: float) -> None:
        self.done.append("finish")

    async def close(self) -> None:
        self.done.append("close")


class Both:
    """A bot in two chat systems that are not real, on a real database."""

    def __init__(self, folder: Path) -> None:
        policy = load_policy(SHIPPED)
        digests = tuple(replace(digest, channel=CHANNEL) for digest in policy.digests)
        url = f"sqlite:///{folder / 'rollcall.db'}"
        self.settings = Settings(
            replace(policy, digests=digests), None, Secret(url), folder, None, port=0, engine=QUICK
        )
        self.made: dict[str, FakeChat] = {}
        self.bot = Rollcall(self.settings, open_store(url), SystemClock(), chats=self._make)

    def _make(self, _settings: Settings, house: House) -> Mapping[str, Chat]:
        self.made = {name: FakeChat(name, house) for name in ("slack", "teams")}
        return self.made

    @property
    def slack(self) -> FakeChat:
        return self.made["slack"]

    @property
    def teams(self) -> FakeChat:
        return self.made["teams"]

    async def page(self, path: str) -> tuple[int, Any]:
        async with aiohttp.ClientSession() as session, session.get(f"{self.bot.web.address}{path}") as answer:
            return answer.status, await (answer.json() if path.endswith("z") else answer.text())


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    both = Both(tmp_path)
    yield both
    await both.bot.stop()


async def test_each_is_asked_for_its_own_channels_and_lives_as_long_as_the_bot(both: Both) -> None:
    await both.bot.start()
    assert {name for name, _ in both.slack.named} == {"#alerts", "#pmo"}
    assert {name for name, _ in both.teams.named} == {CHANNEL}
    assert await both.page("/slack") == (200, "slack")
    assert await both.page("/teams") == (200, "teams")
    await both.bot.catch_up()
    await both.bot.stop()
    for chat in both.made.values():
        assert chat.done == ["listen", "settled", "deafen", "finish", "close"]


async def test_faults_of_both_are_told_at_once(both: Both) -> None:
    both.slack.wrong, both.teams.wrong = [Fault("SLACK_BOT_TOKEN", "bad")], [Fault("TEAMS_CLIENT_ID", "bad")]
    with pytest.raises(ConfigFaults) as raised:
        await both.bot.start()
    assert [fault.place for fault in raised.value.faults] == ["SLACK_BOT_TOKEN", "TEAMS_CLIENT_ID"]


async def test_one_that_cannot_be_listened_to_is_named(both: Both) -> None:
    both.teams.refusal = TargetGone("no")
    with pytest.raises(NotReached, match="Teams: no"):
        await both.bot.start()


async def test_one_that_ends_between_the_checks_and_listening_keeps_the_other_from_nothing(both: Both) -> None:
    both.teams.refusal = InstallationStopped("invalid_client")
    await both.bot.start()
    assert both.bot.deliver.stopped == {"teams": "invalid_client"}
    assert both.slack.done == ["listen"]


async def test_no_channel_counts_as_well_in_one_that_has_ended(both: Both) -> None:
    bot = both.bot
    both.teams.wrong = [Fault("TEAMS_CLIENT_SECRET", "ended", Ending("teams", "invalid_client"))]
    with bot.store.begin() as uow:
        for key, target in (("here", "channel:#pmo"), ("there", f"channel:{CHANNEL}")):
            lost = plan(uow, key=key, kind="x", target=target, now=bot.clock.now(), content=MESSAGE)
            assert lost is not None
            failed = replace(lost, state=DeliveryState.FAILED, error="channel_lost", failed_at=bot.clock.now())
            assert uow.deliveries.save(failed, lost.attempt)
    await bot.start(serving=False)
    with bot.store.read() as uow:
        found = [uow.deliveries.by_key(key) for key in ("here", "there")]
    assert [one.state for one in found if one] == [DeliveryState.PLANNED, DeliveryState.FAILED]


async def test_the_bot_is_ready_while_one_of_them_is_well(both: Both) -> None:
    await both.bot.start()
    await both.bot.ticker.tick()
    assert await both.page("/readyz") == (200, {"status": "ready"})
    both.slack.house.stopped("slack", "token_revoked")
    status, body = await both.page("/readyz")
    assert status == 200
    assert list(body["unwell"]) == ["slack"]
    assert body["unwell"]["slack"][0] == "Slack has ended this installation (token_revoked)"
    _, numbers = await both.page("/metrics")
    assert 'rollcall_chat_up{chat="slack"} 0.0' in numbers
    assert 'rollcall_chat_up{chat="teams"} 1.0' in numbers
    assert 'chats="slack,teams"' in numbers
    assert 'mode="http,http"' in numbers
    both.teams.reasons = ["there is no connection to Teams"]
    status, body = await both.page("/readyz")
    assert (status, body["reasons"][0]) == (503, "Slack has ended this installation (token_revoked)")
    assert body["reasons"][-1] == "there is no connection to Teams"


async def test_messages_go_to_both_and_go_on_to_one_when_the_other_has_ended(both: Both) -> None:
    bot = both.bot
    with bot.store.begin() as uow:
        ana = uow.people.add(Person(0, "Ana", identities=(Identity("teams", "home", "ana"),)))
        for number, target in enumerate(("channel:#pmo", f"channel:{CHANNEL}", f"person:{ana.id}")):
            assert plan(uow, key=f"k{number}", kind="x", target=target, now=bot.clock.now(), content=MESSAGE)
    both.slack.messenger.faults = lambda _method: InstallationStopped("token_revoked")
    await bot.start(serving=False)
    await bot.catch_up(0.5)
    assert bot.deliver.stopped == {"slack": "token_revoked"}
    with bot.store.read() as uow:
        found = [uow.deliveries.by_key(f"k{number}") for number in range(3)]
    assert [(one.state, one.platform) for one in found if one] == [
        (DeliveryState.PLANNED, "slack"),
        (DeliveryState.SENT, "teams"),
        (DeliveryState.SENT, "teams"),
    ]


async def test_accounts_are_looked_for_in_each_but_nobody_gets_a_second_one(both: Both) -> None:
    bot = both.bot
    with bot.store.begin() as uow:
        portfolio = uow.projects.add_portfolio("imaging", "Imaging")
        known = Person(0, "Ana", "ana@example.org", identities=(Identity("teams", "home", "ana"),))
        for key, person in (("ATLAS", known), ("CORE", Person(0, "Ben", "ben@example.org"))):
            lead = uow.people.add(person)
            uow.projects.add(Project(0, key, key, portfolio.id, lead_id=lead.id))
    await bot.start(serving=False)
    await bot.catch_up(0.5)
    assert "ana@example.org" not in both.slack.messenger.asked
    with bot.store.read() as uow:
        found = {name: uow.people.by_email(f"{name}@example.org") for name in ("ana", "ben")}
        assert all(uow.jobs.waits(task) for task in ("accounts", "accounts.teams"))
    ana, ben = found["ana"], found["ben"]
    assert ana is not None
    assert ben is not None
    assert [account.platform for account in ana.identities] == ["teams"]
    # Both begin at once; whichever is quicker.
    assert len(ben.identities) == 1


async def test_the_doctor_asks_both(both: Both) -> None:
    both.teams.wrong = [Fault("TEAMS_CLIENT_ID", "bad")]
    checks = [chat.checks for chat in both.made.values()]
    found = {finding.about: finding for finding in await examine(both.settings, None, checks, datetime.now(UTC))}
    assert (found["slack"].good, found["teams"].good) == (True, False)
    assert found["teams"].text == CHANNEL


async def test_what_failed_for_want_of_a_channel_of_teams_is_sent_when_it_is_back(both: Both) -> None:
    bot, chat = both.bot, both.teams
    with bot.store.begin() as uow:
        assert plan(uow, key="lost", kind="x", target=f"channel:{CHANNEL}", now=bot.clock.now(), content=MESSAGE)
    chat.messenger.faults = lambda _method: TargetGone("channel_lost")
    await bot.start(serving=False)
    await bot.catch_up(0.5)
    chat.messenger.faults = lambda _method: ""
    chat.house.channel_news("back", f"id of {CHANNEL}", "")
    await bot.catch_up(0.5)
    assert chat.messenger.chat.keys() == ["lost#0"]


@pytest.mark.parametrize(
    ("how", "words"),
    [("removed", "Add it to that team again"), ("deleted", "was deleted"), ("archived", "was archived")],
)
async def test_a_channel_of_teams_that_is_lost_is_told(both: Both, how: str, words: str) -> None:
    await both.bot.start(serving=False)
    both.teams.house.channel_news("lost", f"id of {CHANNEL}", how)
    await both.bot.catch_up(0.5)
    [told] = both.slack.messenger.chat.texts("#pmo")
    assert words in told
    assert "/invite" not in told


_WITHOUT_MSAL = """
import sys
sys.modules["msal"] = None
from bot.chats import make_checks
from bot.config import ConfigFaults, TeamsSettings
try:
    make_checks(None, TeamsSettings("id", "tenant"))
except ConfigFaults as error:
    print(error)
"""


def test_without_the_extra_it_is_said_what_to_install() -> None:
    said = subprocess.run([sys.executable, "-c", _WITHOUT_MSAL], capture_output=True, text=True, check=True).stdout
    assert "TEAMS_CLIENT_ID: is set, but msal is not installed: pip install -r requirements-server.lock" in said
