"""users.* and dnd.*."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playground.api.method import Call, Method, Methods, page
from playground.api.render import user_json
from playground.errors import SlackError
from playground.model import Json, User

MAX_DND_USERS = 50


async def info(call: Call) -> Json:
    """users.info."""
    user = _user(call, call.args.need("user"))
    return {"ok": True, "user": user_json(call.space, user, locale=call.args.flag("include_locale"))}


async def listing(call: Call) -> Json:
    """users.list, with cursor."""
    everyone = list(call.space.users.values())
    limit = call.args.number("limit", 0, 0, 1000) or len(everyone)
    locale = call.args.flag("include_locale")
    rows, cursor = page(call, [user_json(call.space, user, locale=locale) for user in everyone], limit)
    stamp = int(call.space.clock.epoch())
    return {"ok": True, "members": rows, "cache_ts": stamp, "response_metadata": {"next_cursor": cursor}}


async def by_email(call: Call) -> Json:
    """users.lookupByEmail."""
    wanted = call.args.need("email").lower()
    for user in call.space.users.values():
        if user.email.lower() == wanted and not user.deleted:
            return {"ok": True, "user": user_json(call.space, user)}
    raise SlackError("users_not_found")


async def dnd_info(call: Call) -> Json:
    """dnd.info."""
    return {"ok": True, **_dnd(call, _user(call, call.args.need("user")))}


async def dnd_team(call: Call) -> Json:
    """dnd.teamInfo."""
    names = [name for name in call.args.need("users").split(",") if name]
    if len(names) > MAX_DND_USERS:
        raise SlackError("too_many_users")
    return {"ok": True, "users": {name: _dnd(call, _user(call, name)) for name in names}}


def _user(call: Call, user_id: str) -> User:
    user = call.space.users.get(user_id)
    if user is None:
        raise SlackError("user_not_found")
    return user


def _dnd(call: Call, user: User) -> Json:
    if user.quiet_hours is None:
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
    start, end = _next_quiet(user, call.space.clock.now())
    stamps = {"next_dnd_start_ts": int(start.timestamp()), "next_dnd_end_ts": int(end.timestamp())}
    return {"dnd_enabled": True, **stamps}


def _next_quiet(user: User, now: datetime) -> tuple[datetime, datetime]:
    """The current or next quiet window of a person who has one."""
    assert user.quiet_hours is not None
    zone = ZoneInfo(user.tz)
    first, last = (datetime.strptime(value, "%H:%M").time() for value in user.quiet_hours)  # noqa: DTZ007
    today = now.astimezone(zone).date()
    for shift in (-1, 0, 1, 2):
        day = today + timedelta(days=shift)
        start = datetime.combine(day, first, zone)
        end = datetime.combine(day + timedelta(days=1 if last <= first else 0), last, zone)
        if end > now:
            return start, end
    raise AssertionError("a daily window always has a next one")


PEOPLE: Methods = {
    "users.info": Method(info, 4, ("users:read",)),
    "users.list": Method(listing, 2, ("users:read",)),
    "users.lookupByEmail": Method(by_email, 3, ("users:read.email",)),
    "dnd.info": Method(dnd_info, 3, ("dnd:read",)),
    "dnd.teamInfo": Method(dnd_team, 2, ("dnd:read",)),
}
