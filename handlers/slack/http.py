"""Signed HTTP: Slack posts commands, interactions and events to one path."""

import logging
import time
from collections.abc import Callable
from typing import Final

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from handlers.slack.api import LOG
from handlers.slack.app import SlackAdapter
from handlers.slack.gate import Gate
from handlers.telling import report_failure

log = logging.getLogger(LOG)
PATH: Final = "/slack/events"
# Slack's payloads carry a whole view or message at most.
MAX_BODY: Final = 2 * 1024 * 1024


def slack_route(
    adapter: SlackAdapter, signing_secret: str, path: str = PATH, now: Callable[[], float] = time.time
) -> Route:
    """The route for a Starlette application. No middleware may touch the body: the signature covers its bytes.

    Raises:
        ValueError: the signing secret is empty.
    """
    gate = Gate(signing_secret, now)
    handler = AsyncSlackRequestHandler(adapter.bolt)

    async def receive(request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            return JSONResponse({"error": "length required"}, status_code=411)
        if int(length) > MAX_BODY:
            return JSONResponse({"error": "too large"}, status_code=413)
        reason = gate.refuses(await request.body(), request.headers)
        if reason:
            log.warning("a request was refused: %s", reason)
            return JSONResponse({"error": "invalid request"}, status_code=401)
        try:
            return await handler.handle(request)
        except Exception as error:  # noqa: BLE001 - the server would log the request's data with the exception
            report_failure("handling a request", error)
            return JSONResponse({"error": "failed"}, status_code=500)

    return Route(path, receive, methods=["POST"])
