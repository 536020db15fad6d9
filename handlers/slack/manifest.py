"""The app's manifest, made from the same surface that the handlers are registered from, so that it cannot drift."""

from typing import Any

from handlers.slack.http import PATH
from handlers.slack.surface import OPTIONAL_SCOPES, Surface

Json = dict[str, Any]
# Slack docs: app manifest; a long description has 175 to 4,000 characters.
_LONG = (
    "Rollcall calls the roll of a portfolio every week. It asks every project lead for status and risks through a "
    "form, reminds those who have not answered yet, keeps every answer, and tells leadership what they must know: "
    "a digest in their channel, worst first, and an alert when something needs them now."
)


def manifest(url: str = "", surface: Surface | None = None) -> Json:
    """The manifest as JSON values.

    Args:
        url: public address of the bot for mode http; empty for Socket Mode, which needs none.
    """
    shown = surface or Surface()
    request_url = url.rstrip("/") + PATH if url else ""
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": shown.name,
            "description": shown.description,
            "long_description": _LONG,
            "background_color": "#1d1c1d",
        },
        "features": _features(shown, request_url),
        "oauth_config": {"scopes": {"bot": sorted({*shown.scopes(), *OPTIONAL_SCOPES})}},
        "settings": _settings(shown, request_url),
    }


def _features(surface: Surface, request_url: str) -> Json:
    command = {
        "command": surface.command.name,
        **_at("url", request_url),
        "description": surface.command.description,
        "usage_hint": surface.command.hint,
        "should_escape": True,
    }
    shortcuts = [
        {"name": s.name, "type": "global", "callback_id": s.callback_id, "description": s.description}
        for s in surface.shortcuts
    ]
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": surface.bot_name, "always_online": True},
        "shortcuts": shortcuts,
        "slash_commands": [command],
    }


def _settings(surface: Surface, request_url: str) -> Json:
    return {
        "event_subscriptions": {
            **_at("request_url", request_url),
            "bot_events": sorted(event.name for event in surface.events),
        },
        "interactivity": {"is_enabled": True, **_at("request_url", request_url)},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not request_url,
        "token_rotation_enabled": False,
    }


def _at(name: str, request_url: str) -> Json:
    return {name: request_url} if request_url else {}
