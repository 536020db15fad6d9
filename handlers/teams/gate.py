"""Who may post to us: Teams, with a token of the Bot Framework that is meant for this bot.

The SDK's own check fetches keys with a call that holds up everything else in the process, also for anybody who sends a
made-up token, and it takes tokens of a second kind that nobody here needs. So the check is ours.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

from handlers.proxies import DIRECTLY, Proxies
from handlers.teams import keys
from handlers.teams.addresses import Addresses
from handlers.telling import log

# Microsoft's documentation of Bot Connector authentication: the clock skew that is allowed, and how long keys are good.
_LEEWAY: Final = 300
_FRESH: Final = 24 * 3600
# Somebody who makes up names of keys must not make us ask for new ones all the time.
_PATIENCE: Final = 30.0
# Teams uses a token for many requests; to check a signature costs more than the rest of the gate.
_REMEMBERED: Final = 256
_CHANNEL: Final = "msteams"


@dataclass(frozen=True, slots=True)
class TeamsDoor:
    """Who may come in.

    Attributes:
        client_id: the bot's application id.
        tenant: the Entra tenant whose people are served.
        openid_url: where the issuer and the keys of tokens are published.
        services: whose activities may come in, and are answered.
        proxies: which ones the keys are fetched through.
        unverified: take requests without a token; whoever sets it sees to it that only this machine can send them.
    """

    client_id: str
    tenant: str
    openid_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    services: Addresses = field(default_factory=Addresses)
    unverified: bool = False
    proxies: Proxies = DIRECTLY


class Refused(Exception):
    """Not let in; the text says why, in words of ours."""


class KeysMissing(Exception):
    """Whether somebody may come in cannot be told now."""


@dataclass(slots=True)
class _Keys:
    """What was published, and the claims of tokens (by digest) that were found to be well signed with it."""

    issuer: str = ""
    by_id: Mapping[str, jwt.PyJWK] = field(default_factory=dict)
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fetched: float | None = None
    tried: float | None = None
    proved: dict[bytes, Mapping[str, Any]] = field(default_factory=dict)


class Gate:
    """Checks tokens against the published keys.

    Args:
        door: for which bot a token must be meant, and where issuer and keys are published.
        now: seconds since 1970.
    """

    def __init__(self, door: TeamsDoor, now: Callable[[], float] = time.time) -> None:
        self._door = door
        self._now = now
        self._keys = _Keys()
        self._lock = asyncio.Lock()

    async def claims(self, authorization: str) -> Mapping[str, Any]:
        """What a good `Authorization` header claims.

        Raises:
            Refused: it is not a good one.
            KeysMissing: the keys could not be fetched.
        """
        if not self._door.client_id:
            raise Refused("no credentials are set")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused("no bearer token")
        name = _key_name(token)
        key = await self._key(name)
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._keys.proved.get(digest)
        if claims is None:
            claims = self._signed(token, key)
            if len(self._keys.proved) >= _REMEMBERED:
                self._keys.proved.clear()
            self._keys.proved[digest] = claims
        self._in_time(claims)
        self._endorsed(name)
        return claims

    def _signed(self, token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._door.client_id,
                issuer=self._keys.issuer,
                # Times are checked with every request, by our own clock.
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp", "iss"]},
            )
        except jwt.InvalidTokenError as error:
            raise Refused(_WHY.get(type(error).__name__, "the token is not valid")) from error
        return claims

    def _in_time(self, claims: Mapping[str, Any]) -> None:
        now, until, since = self._now(), claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(until, int | float) or until <= now - _LEEWAY:
            raise Refused("the token has expired")
        if not isinstance(since, int | float) or since > now + _LEEWAY:
            raise Refused("the token is not valid yet")

    def _endorsed(self, name: str) -> None:
        # Same documentation: a key that says for which channels it signs, signs for no other.
        endorsed = self._keys.raw[name].get("endorsements")
        if isinstance(endorsed, list) and endorsed and _CHANNEL not in endorsed:
            raise Refused("the key does not sign for Teams")

    async def _key(self, name: str) -> jwt.PyJWK:
        known = name in self._keys.by_id
        # Whoever has a key goes on with it while newer ones are fetched; everybody else waits for them.
        if not known or (self._old() and not self._lock.locked()):
            async with self._lock:
                now = self._now()
                waited = self._keys.tried is None or now - self._keys.tried >= _PATIENCE
                if waited and (self._old() or name not in self._keys.by_id):
                    await self._fetch(now)
        if self._keys.fetched is None:
            raise KeysMissing
        if name not in self._keys.by_id:
            raise Refused("signed with a key that is not published")
        return self._keys.by_id[name]

    def _old(self) -> bool:
        return self._keys.fetched is None or self._now() - self._keys.fetched > _FRESH

    async def _fetch(self, now: float) -> None:
        self._keys.tried = now
        try:
            found = await keys.fetch(self._door.openid_url, self._door.proxies)
            self._keys = _Keys(found.issuer, found.keys, found.raw, now, now)
        except keys.FAULTS as error:
            # The old ones are better than none.
            log.error("the keys of Teams could not be fetched: %s", type(error).__name__)


_WHY: Final = {
    "InvalidAudienceError": "the token is meant for another bot",
    "InvalidIssuerError": "the token was issued by somebody else",
    "InvalidSignatureError": "the signature is wrong",
    "InvalidAlgorithmError": "the token is not signed as it must be",
    "MissingRequiredClaimError": "the token lacks a claim",
}


def _key_name(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise Refused("the token cannot be read") from error
    name = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(name, str):
        raise Refused("the token is not signed as it must be")
    return name


def same_service(claims: Mapping[str, Any], address: str) -> bool:
    """Whether a token belongs to the service that an activity names."""
    claimed = claims.get("serviceurl", claims.get("serviceUrl"))
    return isinstance(claimed, str) and bool(claimed) and claimed.rstrip("/") == address.rstrip("/")
