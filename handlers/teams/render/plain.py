"""What was drawn, with the oldest and safest elements only."""

from typing import Any

from handlers.teams.render.look import Json


def plainer(activity: Json) -> Json:
    """The activity with every element's fallback in its place."""
    made: Json = _plain(activity)
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    fallback = value.get("fallback")
    if isinstance(fallback, dict):
        return _plain(fallback)
    return {key: item if key in {"data", "msteams"} else _plain(item) for key, item in value.items()}
