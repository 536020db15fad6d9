"""HTTP: Teams posts every activity to one path, with a token."""

import json
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from handlers.teams.gate import Gate, KeysMissing, Refused, TeamsDoor, same_service
from handlers.teams.sdk import Json, Sdk
from handlers.teams.surface import PATH
from handlers.telling import log, report_failure

# A dialog brings its whole form with it, in `limits.FORM_UNITS_MOST` UTF-16 units, and what was typed.
MAX_BODY: Final = 1024 * 1024


class TooLarge(Exception):
    """More than any activity has."""


class Receiver:
    """What is behind the path."""

    def __init__(self, door: TeamsDoor, gate: Gate, sdk: Sdk) -> None:
        self._door = door
        self._gate = gate
        self._sdk = sdk

    def route(self) -> Route:
        """For a Starlette application."""
        return Route(PATH, self._receive, methods=["POST"])

    async def _receive(self, request: Request) -> Response:
        try:
            activity = await self._admitted(request)
            answer = await self._sdk.receive(activity)
        except Refused as refusal:
            log.warning("a request was refused: %s", refusal)
            return _error(401, "unauthorized")
        except KeysMissing:
            return _error(503, "not ready")
        except TooLarge:
            return _error(413, "too large")
        except (ValueError, RecursionError, ClientDisconnect):
            return _error(400, "no activity")
        except Exception as error:  # noqa: BLE001 - the server would log the request's data with the exception
            report_failure("handling a request", error)
            return _error(500, "failed")
        return Response(status_code=200) if answer is None else JSONResponse(answer)

    async def _admitted(self, request: Request) -> Json:
        """The activity of a request that may come in.

        Raises:
            Refused: it may not.
            KeysMissing: nobody can tell.
            TooLarge: nobody reads that much.
            ValueError: there is no activity in it.
        """
        if self._door.unverified:
            return _activity(await _body(request))
        claims = await self._gate.claims(request.headers.get("authorization", ""))
        activity = _activity(await _body(request))
        address = activity.get("serviceUrl")
        if not isinstance(address, str) or not same_service(claims, address):
            raise Refused("the token belongs to another service")
        if not self._door.services.allow(address):
            raise Refused(f"the service {urlsplit(address).hostname!r} is not on the list (TEAMS_SERVICE_URLS)")
        return activity


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise TooLarge
    return bytes(body)


def _activity(body: bytes) -> Json:
    activity = json.loads(body)
    if not isinstance(activity, dict) or not isinstance(activity.get("type"), str):
        raise ValueError("no activity")
    return activity


def _error(status: int, what: str) -> Response:
    return JSONResponse({"error": what}, status_code=status)
