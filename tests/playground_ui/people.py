"""An invented workspace for the page's tests: people, channels and a clock."""

from typing import Any

Json = dict[str, Any]

APP = "UAPP"
NOW = "2026-11-27T15:00:00+00:00"
NOW_TS = 1795791600


def user(uid: str, name: str, real_name: str, title: str, **extra: Any) -> Json:
    """One person as the state door tells it."""
    return {
        "id": uid,
        "name": name,
        "real_name": real_name,
        "title": title,
        "tz": "Europe/Paris",
        "deleted": False,
        "featured": True,
        **extra,
    }


USERS = [
    user("U1", "ana", "Ana Example", "Lead of ATLAS"),
    user("U2", "carl", "Carl Sample", "Vice president, imaging"),
    user("U3", "petra", "Petra Placeholder", "PMO", tz="America/New_York"),
    user("U4", "dora", "Dora Dummy", "Lead of CORE", featured=False),
    user("U5", "ben", "Ben Gone", "Former lead", featured=False, deleted=True),
]

COMMANDS = [
    {"command": "/rag", "usage_hint": "[red | amber | project KEY | help]", "description": "Ask about the portfolio"},
    {"command": "/report", "usage_hint": "[KEY]", "description": "Report on a project"},
]

CONTROLS = [
    {"id": "mon", "label": "Monday 09:00", "hint": "The prompts go out"},
    {"id": "fri", "label": "Friday 16:00", "hint": "The digest is due"},
    {"id": "hour", "label": "One hour later", "hint": ""},
]


def conversation(cid: str, name: str, kind: str = "channel", **extra: Any) -> Json:
    """One conversation as the state door tells it."""
    return {"id": cid, "name": name, "kind": kind, "is_app_dm": False, "unread": 0, "member": True, **extra}


CONVERSATIONS = [
    conversation("C1", "imaging-leadership"),
    conversation("C2", "general", unread=3),
    conversation("C3", "pmo-office", "private"),
    conversation("D2", "Carl Sample", "im"),
    conversation("D1", "Rollcall", "im", is_app_dm=True, unread=1),
]


def message(ts: float, blocks: list[Json], text: str = "", who: str = APP, **extra: Any) -> Json:
    """One message as the messages door tells it."""
    return {
        "ts": f"{ts:.6f}",
        "user": who,
        "text": text,
        "blocks": blocks,
        "ephemeral": False,
        "reply_count": 0,
        "replies": [],
        **extra,
    }


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str, description: str | None = None) -> Json:
    """An option object."""
    return {"text": plain(text), "value": value, **({"description": plain(description)} if description else {})}


def button(text: str, action_id: str, **extra: Any) -> Json:
    """A button element."""
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": f"v-{action_id}", **extra}
