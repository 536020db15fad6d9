"""The keys that Teams signs its calls with, as they are published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import jwt

from handlers.proxies import Proxies
from handlers.teams.proxied import AsyncProxied

_TIMEOUT: Final = 5.0
# What may go wrong in `fetch`: no answer, or one that is none of Microsoft's.
FAULTS: Final = (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, jwt.PyJWTError)


@dataclass(frozen=True, slots=True)
class Published:
    """What was found.

    Attributes:
        raw: the keys by their names, as published.
        keys: the same to check signatures with.
        date: the header by which the server tells its time; empty when it does not.
    """

    issuer: str
    raw: Mapping[str, Mapping[str, Any]]
    keys: Mapping[str, jwt.PyJWK]
    date: str = ""


async def fetch(openid_url: str, proxies: Proxies) -> Published:
    """Issuer and keys.

    Raises:
        one of `FAULTS`: they cannot be had.
    """
    async with httpx.AsyncClient(transport=AsyncProxied(proxies), timeout=_TIMEOUT, trust_env=False) as client:
        answer = (await client.get(openid_url)).raise_for_status()
        about = answer.json()
        published = (await client.get(about["jwks_uri"])).raise_for_status().json()["keys"]
    raw = {key["kid"]: key for key in published if key.get("kty") == "RSA"}
    keys = {name: jwt.PyJWK(key, "RS256") for name, key in raw.items()}
    return Published(str(about["issuer"]), raw, keys, answer.headers.get("Date", ""))
