"""Tokens by secret, certificate and managed identity, against a login as strict as Entra's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from handlers.teams.tokens import BOT_SCOPE, GRAPH_SCOPE, Certificate, Credential, ManagedIdentity, MsalTokens, Secret
from reporting.ports import InstallationStopped, RetryLater
from tests.support.teams import APP_ID, SECRET, TENANT, FakeTeams
from tests.support.teams.login import CONNECTOR, GRAPH, signing_key


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    async with FakeTeams() as teams:
        yield teams


def tokens(fake: FakeTeams, credential: Credential | None = None, **more: Any) -> MsalTokens:
    more = {"login_url": fake.login_url, "tenant": TENANT, "client_id": APP_ID} | more
    return MsalTokens(more.pop("client_id"), more.pop("tenant"), credential or Secret(SECRET), **more)


def pem(name: str = "key-1") -> tuple[bytes, bytes]:
    """A certificate and its key."""
    key = signing_key(name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rollcall.example")])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(begun).not_valid_after(begun + timedelta(days=3650))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return made, key.private_bytes(serialization.Encoding.PEM, *plain)


async def test_a_secret_buys_a_token_for_each_scope_which_is_kept(fake: FakeTeams) -> None:
    asked = tokens(fake)
    bot, again, graph = [await asked.bearer(scope) for scope in (BOT_SCOPE, BOT_SCOPE, GRAPH_SCOPE)]
    assert bot == again
    assert fake.login.accepts(f"Bearer {bot}", CONNECTOR)
    assert fake.login.accepts(f"Bearer {graph}", GRAPH)
    assert len(fake.of("token")) == 2
    await asked.close()


async def test_a_hundred_at_once_ask_once(fake: FakeTeams) -> None:
    asked = tokens(fake)
    assert len(set(await asyncio.gather(*[asked.bearer(BOT_SCOPE) for _ in range(100)]))) == 1
    assert len(fake.of("token")) == 1


async def test_a_token_is_renewed_before_its_end_and_when_refused(fake: FakeTeams) -> None:
    now = [0.0]
    asked = tokens(fake, monotonic=lambda: now[0])
    first = await asked.bearer(BOT_SCOPE)
    now[0] = 3600 - 301
    assert await asked.bearer(BOT_SCOPE) == first
    now[0] = 3600 - 299
    second = await asked.bearer(BOT_SCOPE)
    third = await asked.bearer(BOT_SCOPE, refused=second)
    assert await asked.bearer(BOT_SCOPE, refused=second) == third
    assert len({first, second, third}) == 3


async def test_the_loop_is_not_blocked(fake: FakeTeams) -> None:
    fake.faults.add("token", "slow", seconds=0.5)
    asking = asyncio.create_task(tokens(fake).bearer(BOT_SCOPE))
    turns = 0
    while not asking.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 5


async def test_a_certificate(fake: FakeTeams) -> None:
    certificate, key = pem()
    for text in (certificate + key, key + certificate):
        fake.login.trust(certificate)
        token = await tokens(fake, Certificate(text.decode())).bearer(BOT_SCOPE)
        assert fake.login.accepts(f"Bearer {token}", CONNECTOR)
    fake.login.trust(pem("another")[0])
    with pytest.raises(InstallationStopped, match="invalid_client"):
        await tokens(fake, Certificate((certificate + key).decode())).bearer(BOT_SCOPE)


def test_half_a_certificate_is_a_fault_at_once() -> None:
    certificate, key = pem()
    for half in (certificate, key, b"nonsense"):
        with pytest.raises(ValueError, match="private key"):
            Certificate(half.decode())


@pytest.mark.parametrize("client_id", ["", "11111111-0000-4000-8000-000000000001"])
async def test_a_managed_identity(fake: FakeTeams, monkeypatch: pytest.MonkeyPatch, client_id: str) -> None:
    for name, value in fake.identity.items():
        monkeypatch.setenv(name, value)
    asked = tokens(fake, ManagedIdentity(client_id))
    token = await asked.bearer(BOT_SCOPE)
    assert fake.login.accepts(f"Bearer {token}", CONNECTOR)
    assert fake.of("identity")[0].body.get("client_id", "") == client_id
    await asked.bearer(BOT_SCOPE, refused=token)
    assert len(fake.of("identity")) == 2


async def test_what_asking_again_will_not_change_stops_everything(fake: FakeTeams) -> None:
    wrong: list[dict[str, Any]] = [
        {"credential": Secret("wrong")},
        {"client_id": "99999999-0000-4000-8000-000000000009"},
        {"tenant": "99999999-0000-4000-8000-000000000009"},
    ]
    for more in wrong:
        with pytest.raises(InstallationStopped, match="AADSTS"):
            await tokens(fake, **more).bearer(BOT_SCOPE)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_login_in_trouble_is_asked_later(fake: FakeTeams, status: int) -> None:
    fake.faults.add("token", status=status, body={"error": "temporarily_unavailable"})
    asked = tokens(fake)
    with pytest.raises(RetryLater):
        await asked.bearer(BOT_SCOPE)
    assert await asked.bearer(BOT_SCOPE)


async def test_a_login_that_is_not_there_is_asked_later(fake: FakeTeams) -> None:
    with pytest.raises(RetryLater, match="login_unreached"):
        await tokens(fake, login_url="http://127.0.0.1:9").bearer(BOT_SCOPE)
    fake.faults.add("token", "drop_before")
    with pytest.raises(RetryLater, match="login_unreached"):
        await tokens(fake).bearer(BOT_SCOPE)
    fake.faults.add("token", "slow", seconds=1)
    with pytest.raises(RetryLater, match="login_unreached"):
        await tokens(fake, timeout=0.3).bearer(BOT_SCOPE)
