"""Files that are offered, accepted, declined, lost."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers.teams.addresses import Addresses
from handlers.teams.files import Files
from tests.support.teams import FakePerson, Posted
from tests.support.teams.wired import Wired, wired

CSV = b"a,b\r\n1,2\r\n"


class Desk:
    """Ana, and the files that she is offered."""

    def __init__(self, teams: Wired) -> None:
        self.now = 0.0
        self.teams = teams
        self.files = Files(teams.messenger, Addresses(["127.0.0.1"]), lambda: self.now)
        self.ana: FakePerson = teams.met(teams.fake.world.person("Ana Ruiz"))

    async def offer(self, content: bytes = CSV) -> Posted:
        assert self.ana.chat is not None
        where = (self.ana.aad, self.ana.chat.id, self.teams.fake.service_url)
        await self.files.offer(*where, "all.csv", content, "The export of today.")
        return self.ana.messages()[-1]

    async def press(self, card: Posted, accept: bool = True, by: FakePerson | None = None, **more: Any) -> None:
        activity = self.teams.fake.consent(self.ana, card, accept)
        activity["value"] |= more
        await self.files.answered((by or self.ana).aad, activity)

    def told(self) -> str:
        return str(self.ana.messages()[-1].activity.get("text"))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with wired(tmp_path) as teams:
        yield Desk(teams)


async def test_an_accepted_file_is_put_into_onedrive_and_shown(desk: Desk) -> None:
    card = await desk.offer()
    offered = card.activity["attachments"][0]
    assert (offered["name"], offered["content"]["sizeInBytes"]) == ("all.csv", len(CSV))
    assert offered["content"]["description"] == "The export of today."
    await desk.press(card)
    assert desk.teams.fake.uploads == {"one": CSV}
    (shown,) = desk.ana.messages()
    assert shown.activity["attachments"][0]["content"] == {"uniqueId": "u-1", "fileType": "csv"}
    await desk.press(card)
    assert "not kept" in desk.told()


async def test_a_declined_file_is_forgotten(desk: Desk) -> None:
    card = await desk.offer()
    await desk.press(card, accept=False)
    assert "not sent" in desk.told()
    await desk.press(card)
    assert "not kept" in desk.told()
    assert desk.teams.fake.uploads == {}


async def test_nobody_else_can_take_it(desk: Desk) -> None:
    card = await desk.offer()
    await desk.press(card, by=desk.teams.fake.world.person("Eve Else"))
    assert desk.teams.fake.uploads == {}
    assert "not kept" in desk.told()


async def test_it_is_not_kept_for_ever(desk: Desk) -> None:
    card = await desk.offer()
    desk.now = 3_601
    await desk.press(card)
    assert "not kept" in desk.told()


async def test_what_does_not_fit_pushes_the_oldest_out(desk: Desk) -> None:
    first = await desk.offer(b"x" * 40_000_000)
    second = await desk.offer(b"y" * 30_000_000)
    await desk.press(first)
    assert "not kept" in desk.told()
    await desk.press(second, uploadInfo={})
    assert "could not be put" in desk.told()


@pytest.mark.parametrize("url", ["https://evil.example/x", "http://10.0.0.1/x", "file:///etc/passwd", "", 7])
async def test_a_file_goes_nowhere_but_to_onedrive(desk: Desk, url: Any) -> None:
    card = await desk.offer()
    place = desk.teams.fake.consent(desk.ana, card)["value"]["uploadInfo"]
    await desk.press(card, uploadInfo={**place, "uploadUrl": url})
    assert "could not be put" in desk.told()
    assert desk.teams.fake.uploads == {}


@pytest.mark.parametrize("kind", ["status", "drop_before"])
async def test_a_failed_upload_can_be_tried_again(desk: Desk, kind: Any) -> None:
    card = await desk.offer()
    desk.teams.fake.faults.add("upload", kind)
    await desk.press(card)
    assert "could not be put" in desk.told()
    await desk.press(card)
    assert desk.teams.fake.uploads == {"one": CSV}


@pytest.mark.parametrize(
    "value", [None, "x", {}, {"action": "accept"}, {"action": "accept", "context": {"rollcall": 3}}]
)
async def test_nonsense_harms_nobody(desk: Desk, value: Any) -> None:
    card = await desk.offer()
    activity = desk.teams.fake.consent(desk.ana, card) | {"value": value}
    await desk.files.answered(desk.ana.aad, activity)
    assert desk.teams.fake.uploads == {}
