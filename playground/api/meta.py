"""auth.test, api.test, apps.connections.open and blocks.validate."""

import secrets

from playground.api.method import Call, Method, Methods
from playground.blocks import check_blocks, check_view
from playground.errors import SlackError
from playground.model import Json


async def auth_test(call: Call) -> Json:
    """auth.test."""
    space, app = call.space, call.app
    return {
        "ok": True,
        "url": f"https://{space.domain}.slack.com/",
        "team": space.name,
        "user": space.users[app.bot_user_id].name,
        "team_id": space.team_id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


async def api_test(call: Call) -> Json:
    """api.test."""
    if call.args.has("error"):
        raise SlackError(call.args.text("error"))
    return {"ok": True, "args": {name: call.args.text(name) for name in call.args.raw}}


async def connections_open(call: Call) -> Json:
    """apps.connections.open: a one-time WebSocket address."""
    ticket = secrets.token_urlsafe(16)
    call.world.tickets.add(ticket)
    address = call.world.base_url.replace("http://", "ws://", 1)
    return {"ok": True, "url": f"{address}/link/?ticket={ticket}&app_id={call.app.app_id}"}


async def validate(call: Call) -> Json:
    """blocks.validate: exactly one of blocks, message, view."""
    given = [name for name in ("blocks", "message", "view") if call.args.has(name)]
    if len(given) != 1:
        raise SlackError("invalid_arguments", ["must provide exactly one of blocks, message, view"])
    value = call.args.data(given[0], "invalid_arguments")
    if given[0] == "view":
        home = isinstance(value, dict) and value.get("type") == "home"
        faults = check_view(call.world.context("home" if home else "modal"), value)
    else:
        blocks = value.get("blocks") if given[0] == "message" and isinstance(value, dict) else value
        faults = check_blocks(call.world.context("message"), blocks)
    if faults:
        raise SlackError("invalid_blocks" if given[0] != "view" else "invalid_arguments", faults)
    return {"ok": True}


META: Methods = {
    "auth.test": Method(auth_test, 0),
    "api.test": Method(api_test, 4, token="none"),
    "apps.connections.open": Method(connections_open, 3, token="app"),
    "blocks.validate": Method(validate, 4, token="none"),
}
