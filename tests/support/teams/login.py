"""Who may call: tokens for the connector and Graph, and signed tokens as Teams sends them to a bot."""

from __future__ import annotations

import hashlib
import time
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

Json = dict[str, Any]
TENANT: Final = "7e4a9700-0000-4000-8000-00000000cafe"
APP_ID: Final = "b07b07b0-0000-4000-8000-00000000b07a"
SECRET: Final = "s3cret~of.the-demo"
ISSUER: Final = "https://api.botframework.com"
CONNECTOR: Final = "https://api.botframework.com"
GRAPH: Final = "https://graph.microsoft.com"
IDENTITY_HEADER: Final = "853b9a84-demo"
_LIFE = 3600


@cache
def signing_key(name: str = "key-1") -> rsa.RSAPrivateKey:
    """A key by its name; made once for each process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Login:
    """The token endpoint of one tenant with one app.

    Attributes:
        closed: refuse whatever is shown, as for a secret that has run out.
        given: how many tokens were issued.
    """

    def __init__(self) -> None:
        self.closed = False
        self.given = 0
        self.life = _LIFE
        self._valid_from = 0
        self._certificate: x509.Certificate | None = None

    def trust(self, pem: bytes) -> None:
        """Take assertions signed with this certificate's key."""
        self._certificate = x509.load_pem_x509_certificate(pem)

    def revoke(self) -> None:
        """No token given so far is good any more."""
        self._valid_from = self.given

    def issue(self, tenant: str, form: dict[str, str], endpoint: str) -> tuple[int, Json]:
        """The answer to a request for a token."""
        if tenant != TENANT:
            return 400, {"error": "invalid_request", "error_description": "AADSTS90002: Tenant not found."}
        if form.get("client_id") != APP_ID:
            return 400, {"error": "unauthorized_client", "error_description": "AADSTS700016: Application not found."}
        if self.closed or not self._shown(form, endpoint):
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
        audience = {f"{one}/.default": one for one in (CONNECTOR, GRAPH)}.get(form.get("scope", "").split(" ")[0])
        if form.get("grant_type") != "client_credentials" or audience is None:
            return 400, {"error": "invalid_scope", "error_description": "AADSTS70011: The scope is not valid."}
        return 200, {"token_type": "Bearer", "expires_in": self.life, "access_token": self.token(audience)}

    def token(self, audience: str) -> str:
        """A token for the connector or Graph."""
        self.given += 1
        now = int(time.time())
        claims = {
            "aud": audience, "appid": APP_ID, "tid": TENANT, "n": self.given, "iat": now, "nbf": now,
            "exp": now + self.life, "iss": f"https://sts.windows.net/{TENANT}/",
        }  # fmt: skip
        return jwt.encode(claims, signing_key("login"), "RS256", {"kid": "login"})

    def accepts(self, header: str, audience: str) -> bool:
        """Whether a bearer token is one of ours, for this audience, and not revoked."""
        scheme, _, token = header.partition(" ")
        try:
            claims = jwt.decode(token, signing_key("login").public_key(), ["RS256"], audience=audience)
        except jwt.PyJWTError:
            return False
        return scheme == "Bearer" and bool(claims["n"] > self._valid_from)

    def _shown(self, form: dict[str, str], endpoint: str) -> bool:
        if "client_secret" in form:
            return form["client_secret"] == SECRET
        if self._certificate is None or not form.get("client_assertion_type", "").endswith("jwt-bearer"):
            return False
        key: Any = self._certificate.public_key()
        try:
            header = jwt.get_unverified_header(form["client_assertion"])
            claims = jwt.decode(form["client_assertion"], key, ["RS256", "PS256"], options={"verify_aud": False})
        except jwt.PyJWTError:
            return False
        # The audience is the public login's name for this endpoint, wherever it listens.
        path = endpoint.partition("://")[2].partition("/")[2]
        prints = {thumbprint(self._certificate, kind) for kind in (hashes.SHA1(), hashes.SHA256())}
        # Entra takes them with and without padding.
        named = {str(header.get(name, "")).rstrip("=") for name in ("x5t", "x5t#S256")}
        return bool(prints & named) and claims["iss"] == claims["sub"] == APP_ID and claims["aud"].endswith(path)


def thumbprint(certificate: x509.Certificate, kind: hashes.HashAlgorithm) -> str:
    """As in the header of an assertion."""
    return urlsafe_b64encode(certificate.fingerprint(kind)).decode().rstrip("=")


def inbound_token(service_url: str, key: str = "key-1", algorithm: str = "RS256", **claims: Any) -> str:
    """A token as Teams sends it to the bot; `claims` replace good ones, None takes one out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": APP_ID, "nbf": now - 60, "exp": now + 3600, "serviceurl": service_url}
    wanted = {name: value for name, value in {**good, **claims}.items() if value is not None}
    signer: Any = None if algorithm == "none" else signing_key(key)
    return jwt.encode(wanted, signer, algorithm, {"kid": "key-1"})


def key_set() -> Json:
    """The public keys of inbound tokens."""
    numbers = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key("key-1").public_key(), as_dict=True)
    digest = hashlib.sha256(numbers["n"].encode()).hexdigest()[:20]
    return {"keys": [{**numbers, "kid": "key-1", "x5t": digest, "use": "sig", "endorsements": ["msteams"]}]}
