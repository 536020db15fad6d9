"""Who may post to the bot: ten tokens, bodies that are none, services that are not on the list."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from handlers.teams.addresses import Addresses
from handlers.teams.gate import Gate, Refused, TeamsDoor
from tests.handlers.teams.inbound.bench import Bench, bench, say
from tests.support.teams import APP_ID, TENANT, FakeTeams
from tests.support.teams.login import inbound_token

OTHER = {"serviceurl": "https://smba.trafficmanager.net/emea/"}
# What is in the token, and what is answered.
CASES: list[tuple[str, dict[str, Any], int]] = [
    ("good", {}, 200),
    ("good, and its clock a little behind", {"exp": -200}, 200),
    ("good, without a time from which on", {"nbf": None}, 200),
    ("for another bot", {"aud": "00000000-0000-4000-8000-000000000000"}, 401),
    ("of another issuer", {"iss": "https://sts.windows.net/somewhere/"}, 401),
    ("run out", {"exp": -400}, 401),
    ("signed by somebody else", {"key": "key-2"}, 401),
    ("not signed", {"algorithm": "none"}, 401),
    ("of another service", OTHER, 401),
    ("of no service", {"serviceurl": None}, 401),
    ("not good yet", {"nbf": 4000}, 401),
    ("without an end", {"exp": None}, 401),
]


@pytest.mark.parametrize(("claims", "status"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_tokens(inbound: Bench, claims: dict[str, Any], status: int) -> None:
    inbound.desk.replies["command"] = say("Nothing is red.")
    # Times count from the test's own beginning, however long the ones before it took.
    claims = {name: int(time.time()) + value if isinstance(value, int) else value for name, value in claims.items()}
    answer = await inbound.post(inbound.teams.fake.activity(inbound.ana, text="red"), **claims)
    assert answer.status_code == status
    await inbound.adapter.settled()
    assert bool(inbound.desk.heard) == (status == 200)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c", "Bearer ..", "Bearer é"])
async def test_headers_without_a_token(inbound: Bench, header: str) -> None:
    headers = [(b"authorization", header.encode())] if header else []
    activity = inbound.teams.fake.activity(inbound.ana, text="red")
    answer = await inbound.client.post(inbound.url, json=activity, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})


async def test_without_credentials_nobody_comes_in(tmp_path: Path) -> None:
    async with bench(tmp_path, door={"client_id": ""}) as running:
        answer = await running.post(running.teams.fake.activity(running.ana, text="red"))
        assert answer.status_code == 401
        assert running.desk.heard == []


async def test_a_service_that_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path, door={"services": Addresses()}) as running:
        assert (await running.post(running.teams.fake.activity(running.ana, text="red"))).status_code == 401


async def test_an_activity_must_say_which_service_it_comes_from(inbound: Bench) -> None:
    activity = inbound.teams.fake.activity(inbound.ana, text="red")
    del activity["serviceUrl"]
    assert (await inbound.post(activity)).status_code == 401


async def test_without_checks_only_where_that_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path, door={"unverified": True}) as running:
        running.desk.replies["command"] = say("Hello.")
        answer = await running.client.post(running.url, json=running.teams.fake.activity(running.ana, text="red"))
        assert answer.status_code == 200
        await running.adapter.settled()
        assert len(running.ana.messages()) == 1


async def test_keys_that_cannot_be_fetched_let_nobody_in_but_are_asked_for_again(tmp_path: Path) -> None:
    async with bench(tmp_path, door={"openid_url": "http://127.0.0.1:9/openid"}) as running:
        answer = await running.post(running.teams.fake.activity(running.ana, text="red"))
        assert answer.status_code == 503


async def test_a_token_that_was_taken_before_is_looked_at_again() -> None:
    async with FakeTeams() as teams:
        now = time.time()
        gate = Gate(TeamsDoor(APP_ID, TENANT, teams.openid_url), lambda: now)
        header = f"Bearer {inbound_token(teams.service_url, exp=int(now) + 3600)}"
        assert await gate.claims(header) == await gate.claims(header)
        with pytest.raises(Refused, match="the signature is wrong"):
            await gate.claims(f"{header[:-20]}{'A' * 20}")
        now += 3600 + 301
        with pytest.raises(Refused, match="has expired"):
            await gate.claims(header)


async def test_those_who_come_while_the_keys_are_fetched_wait_for_them(inbound: Bench) -> None:
    inbound.desk.replies["command"] = say("Nothing is red.")
    asked = [inbound.post(inbound.teams.fake.activity(inbound.ana, text="red")) for _ in range(4)]
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 4
    await inbound.adapter.settled()


@pytest.mark.parametrize(("body", "status"), [
    (b"", 400), (b"[]", 400), (b"{", 400), (b'{"type": 1}', 400), (b"{}", 400), (b"\xff", 400),
    (b"[" * 100_000, 400), (b'{"type":"x"}' + b" " * 1024 * 1024, 413),
])  # fmt: skip
async def test_bodies_that_are_no_activity(inbound: Bench, body: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {inbound_token(inbound.teams.fake.service_url)}"}
    assert (await inbound.client.post(inbound.url, content=body, headers=headers)).status_code == status

    async def chunks() -> Any:
        yield body

    assert (await inbound.client.post(inbound.url, content=chunks(), headers=headers)).status_code == status
