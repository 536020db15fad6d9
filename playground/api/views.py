"""views.*: modals and the Home tab."""

from typing import Any

from playground.api.method import Call, Method, Methods
from playground.errors import SlackError, missing
from playground.model import Json, View
from playground.workspace import SLACKBOT


async def open_view(call: Call) -> Json:
    """views.open. From within a modal the new view goes on top of it."""
    view = _view(call, "modal")
    trigger = call.world.views.redeem(call.args.need("trigger_id"))
    store = call.world.views
    inside = trigger.view is not None and any(entry.id == trigger.view for entry in store.stack(trigger.user))
    opened = store.push(trigger.user, view) if inside else store.open(trigger.user, view)
    return _answer(call, opened)


async def push(call: Call) -> Json:
    """views.push."""
    view = _view(call, "modal")
    trigger = call.world.views.redeem(call.args.need("trigger_id"))
    if trigger.view is None or not call.world.views.stack(trigger.user):
        raise SlackError("invalid_trigger_id")
    return _answer(call, call.world.views.push(trigger.user, view))


async def update(call: Call) -> Json:
    """views.update."""
    body = _view(call, "modal")
    store = call.world.views
    if call.args.has("view_id"):
        view = store.find(call.args.text("view_id"))
    elif call.args.has("external_id"):
        view = store.by_external_id(call.args.text("external_id"))
    else:
        raise missing("view_id")
    if view is None or view.is_home:
        raise SlackError("not_found")
    store.check_hash(view, call.args.text("hash"))
    return _answer(call, store.update(view, body))


async def publish(call: Call) -> Json:
    """views.publish."""
    body = _view(call, "home")
    user = call.space.users.get(call.args.need("user_id"))
    if not call.app.home_tab:
        raise SlackError("not_enabled")
    if user is None or user.is_bot or user.id == SLACKBOT:
        raise SlackError("invalid_arguments", ["invalid `user_id` [json-pointer:/user_id]"])
    store = call.world.views
    store.check_hash(store.homes.get(user.id), call.args.text("hash"))
    return _answer(call, store.publish(user.id, body))


def _view(call: Call, kind: str) -> Json:
    view: Any = call.args.data("view", "invalid_arguments")
    if view is None:
        raise missing("view")
    call.world.require_view(view, kind)
    return dict(view)


def _answer(call: Call, view: View) -> Json:
    return {"ok": True, "view": call.world.views.wire(view)}


VIEWS: Methods = {
    "views.open": Method(open_view, 4),
    "views.push": Method(push, 4),
    "views.update": Method(update, 4),
    "views.publish": Method(publish, 4),
}
