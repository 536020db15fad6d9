"""Cards that clients renew by themselves: shown to whoever opens them late, they say how things stand by then."""

from collections.abc import Iterator
from typing import Any, Final

from handlers.teams.data import OURS, click_data
from handlers.teams.render.look import Json

# Asks for the card as it stands now. Never the button's own action: not every client says that nobody pressed anything.
REFRESH: Final = "card.refresh"
# Buttons whose cards are renewed while they are there.
_RENEWED: Final = frozenset({"alert.ack"})


def renewing(activity: Json) -> Json:
    """The activity, its card with a request to renew it where it has a button that wants that.

    Whose clients ask is left to Teams, which does so by itself where at most 60 people are (Teams docs: user-specific
    views).
    """
    card = activity["attachments"][0]["content"]
    value = next(_wanted(card["body"]), None)
    if value is not None:
        asked = {"type": "Action.Execute", "verb": REFRESH, "data": click_data(REFRESH, value, "message")}
        card["refresh"] = {"type": "Refresh", "action": asked}
    return activity


def _wanted(value: Any) -> Iterator[str]:
    """The values of the buttons that are to be renewed."""
    if isinstance(value, list):
        for one in value:
            yield from _wanted(one)
    elif isinstance(value, dict):
        if value.get("type") == "Action.Execute" and value.get("verb") in _RENEWED:
            yield str(value["data"][OURS]["with"])
        for key, item in value.items():
            if key not in {"data", "msteams"}:
                yield from _wanted(item)
