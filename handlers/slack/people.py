"""What Slack knows of a person."""

from collections.abc import Mapping
from typing import Any

from reporting.model import Identity
from reporting.ports import Profile

PLATFORM = "slack"
# Slack docs: the user object; Slackbot says of itself that it is no bot.
_SLACKBOT = "USLACKBOT"
# A stranger is somebody of another organisation in a shared channel: nobody who may ask us anything.
_NOT_OURS = ("is_bot", "is_app_user", "is_workflow_bot", "is_connector_bot", "is_stranger")
_GUEST = ("is_restricted", "is_ultra_restricted")


def profile_of(user: Mapping[str, Any], workspace: str, enterprise: str | None = None) -> Profile:
    """A user object as a profile; bots and strangers have `human` False. A missing time zone is not made up.

    Args:
        enterprise: our organisation, when the workspace belongs to one; its other workspaces are no strangers.
    """
    details = user.get("profile") or {}
    names = (
        details.get("real_name"), user.get("real_name"), details.get("display_name"), user.get("name"), user["id"]
    )  # fmt: skip
    email = details.get("email")
    locale = user.get("locale")
    return Profile(
        identity=Identity(PLATFORM, workspace, user["id"]),
        name=next(str(name) for name in names if name),
        email=str(email).lower() if email else None,
        tz=user.get("tz") or None,
        locale=str(locale).replace("_", "-") if locale else None,
        active=not user.get("deleted", False),
        human=user["id"] != _SLACKBOT
        and not any(user.get(flag) for flag in _NOT_OURS)
        and _ours(user, workspace, enterprise),
        guest=any(user.get(flag) for flag in _GUEST),
    )


def _ours(user: Mapping[str, Any], workspace: str, enterprise: str | None) -> bool:
    team = user.get("team_id") or workspace
    organisation = (user.get("enterprise_user") or {}).get("enterprise_id")
    return team == workspace or (enterprise is not None and enterprise in (team, organisation))
