"""The demo: a whole week of the made-up company, and a register of one's own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from bot.cli.demo import company_show, own_show, performing
from bot.cli.own import own_policy
from bot.config import load_policy
from bot.engine.clock import SystemClock
from bot.rooms import make_services, open_store
from bot.web import PortTaken
from playground import Playground

POLICY = load_policy(Path(str(files("bot.demo_data") / "app.yaml")))


def channel(playground: Playground, name: str) -> list[str]:
    space = playground.workspace
    [found] = [c for c in space.channels.values() if c.name == name]
    return [message.text for message in space.visible(found.id)]


async def test_a_week_of_the_made_up_company(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'rollcall.db'}")
    show = company_show(make_services(POLICY, store, SystemClock()))
    async with performing(show, store, tmp_path) as (playground, bot):
        began = time.monotonic()
        # The featured lead has her prompt, nobody has waited for it.
        assert any("Status report" in m.text for m in playground.workspace.visible("D04ANA"))
        assert channel(playground, "leadership") == []
        await playground.embedder.on_control("due")
        with store.read() as uow:
            answered = [r for p in uow.projects.all() for r in uow.reports.revisions(p.id, _latest(bot, p.id))]
        assert len(answered) == 19
        await playground.embedder.on_control("digest")
        assert len(channel(playground, "leadership")) >= 1
        assert len(channel(playground, "imaging-leadership")) >= 1
        await playground.embedder.on_control("monday")
        assert playground.refusals == []
        with store.read() as uow:
            assert uow.deliveries.failures_since(show.start - timedelta(days=1)) == []
            assert uow.audit.verify() == []
        assert time.monotonic() - began < 60


def _latest(bot: object, project_id: int) -> int:
    with bot.store.read() as uow:  # type: ignore[attr-defined]
        standing = uow.board.get(project_id)
    assert standing is not None
    return int(standing.period_id)


async def test_a_register_of_ones_own(tmp_path: Path) -> None:
    register = tmp_path / "projects.csv"
    register.write_text("key,name,portfolio,lead_email,lead\nP1,First,Alpha,lea@ours.example,Lea Own\n", "utf-8")
    store = open_store(f"sqlite:///{tmp_path / 'rollcall.db'}")
    policy = own_policy(POLICY)
    show = own_show(make_services(policy, store, SystemClock()), register, None, None)
    async with performing(show, store, tmp_path) as (playground, _):
        await playground.embedder.on_control("digest")
        assert len(channel(playground, "leadership")) >= 1
        assert playground.refusals == []
        with pytest.raises(PortTaken, match="--port"):
            async with performing(show, store, tmp_path, int(playground.base_url.rsplit(":", 1)[1])):
                raise AssertionError


async def test_ones_own_history_is_what_the_first_digest_shows(tmp_path: Path) -> None:
    register, reports = tmp_path / "projects.csv", tmp_path / "reports.csv"
    register.write_text(
        "key,name,portfolio,lead_email,lead\nP1,One,Alpha,lea@x.example,Lea Own\nP2,Two,Beta,,\n", "utf-8"
    )
    reports.write_text("project,period,rag,summary\nP1,2024-03-31,red,Stopped.\nP2,2024-03-31,green,Fine.\n", "utf-8")
    store = open_store(f"sqlite:///{tmp_path / 'rollcall.db'}")
    services = make_services(own_policy(POLICY), store, SystemClock())
    show = own_show(services, register, reports, None)
    assert show.start == datetime(2024, 4, 5, 14, tzinfo=UTC)
    async with performing(show, store, tmp_path) as (playground, _):
        await playground.embedder.on_control("digest")
        assert "One is red; both reported." in channel(playground, "leadership")[0]
        assert len(channel(playground, "alpha-leadership")) >= 1
        assert len(channel(playground, "beta-leadership")) >= 1
        await playground.embedder.on_control("monday")
        [lead] = [user for user in playground.workspace.people() if user.email == "lea@x.example"]
        assert any("P1" in message.text for message in playground.workspace.visible(f"D{lead.id[1:]}"))
        assert playground.refusals == []
