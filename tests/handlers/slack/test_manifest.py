"""The manifest holds to Slack's limits, and names exactly what is registered and called."""

import json
import re
from typing import Any

import pytest

from handlers.slack.manifest import manifest
from handlers.slack.surface import CALL_SCOPES, EVENTS, Shortcut, SlashCommand, Surface

# Slack docs: the manifest's schema; keys that an app may have in each place.
KEYS = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "bot_user", "shortcuts", "slash_commands", "unfurl_domains"},
    "settings": {"event_subscriptions", "interactivity", "org_deploy_enabled", "socket_mode_enabled",
                 "token_rotation_enabled"},
}  # fmt: skip


@pytest.fixture(params=["", "https://bot.example.com/"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    return manifest(request.param)


def test_every_text_is_within_its_limit(made: dict[str, Any]) -> None:
    shown = made["display_information"]
    assert 1 <= len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4_000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9_.-]{1,80}", made["features"]["bot_user"]["display_name"])
    for command in made["features"]["slash_commands"]:
        assert re.fullmatch(r"/\S{1,31}", command["command"])
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000
        assert command["should_escape"] is True
    for shortcut in made["features"]["shortcuts"]:
        assert 1 <= len(shortcut["name"]) <= 24
        assert 1 <= len(shortcut["description"]) <= 150
        assert len(shortcut["callback_id"]) <= 255


def test_there_are_no_unknown_keys(made: dict[str, Any]) -> None:
    for place, allowed in KEYS.items():
        assert set(made[place] if place else made) <= allowed


def test_every_event_has_its_scope(made: dict[str, Any]) -> None:
    scopes = set(made["oauth_config"]["scopes"]["bot"])
    assert made["settings"]["event_subscriptions"]["bot_events"] == sorted(event.name for event in EVENTS)
    assert {event.scope for event in EVENTS if event.scope} <= scopes
    assert {"commands", *CALL_SCOPES} <= scopes
    assert made["features"]["app_home"]["messages_tab_enabled"] is True


def test_addresses_stand_only_where_slack_calls_us() -> None:
    assert "request_url" not in json.dumps(manifest())
    assert manifest()["settings"]["socket_mode_enabled"] is True
    http = manifest("https://bot.example.com")
    assert json.dumps(http).count("https://bot.example.com/slack/events") == 3
    assert http["settings"]["socket_mode_enabled"] is False


def test_what_is_registered_is_what_is_printed() -> None:
    surface = Surface(command=SlashCommand("/status"), shortcuts=(Shortcut("x", "X", "Does x", "x.do"),))
    features = manifest(surface=surface)["features"]
    assert features["slash_commands"][0]["command"] == "/status"
    assert [s["callback_id"] for s in features["shortcuts"]] == ["x"]
    assert surface.action_of("x") == "x.do"
    assert surface.action_of("other") == ""
