"""A modal with every element, a small pushed one, and a home."""

from typing import Any

from tests.playground_ui.people import Json, button, mrkdwn, option, plain

COLOURS = [
    option("Green", "g", "On plan, no help needed"),
    option("Amber", "a", "At risk, the team can cope"),
    option("Red", "r", "Cannot recover without help"),
]


def field(block_id: str, label: str, element: Json, **extra: Any) -> Json:
    """An input block; the action id is always "a"."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": "a", **element},
        **extra,
    }


FIELDS = [
    {"type": "section", "block_id": "intro", "text": mrkdwn("Last weeks: *G G A A*")},
    {"type": "alert", "block_id": "note", "level": "warning", "text": mrkdwn("Due in *two* hours")},
    field("overall", "Overall", {"type": "radio_buttons", "options": COLOURS}),
    field(
        "headline",
        "Headline",
        {"type": "plain_text_input", "max_length": 120, "placeholder": plain("One sentence for leadership")},
        hint=plain("Leadership reads this first"),
    ),
    field(
        "done",
        "Done",
        {"type": "plain_text_input", "multiline": True, "initial_value": "Optics installed"},
        optional=True,
    ),
    field("scope", "Scope", {"type": "static_select", "options": COLOURS, "initial_option": COLOURS[0]}),
    field(
        "area",
        "Area",
        {
            "type": "static_select",
            "option_groups": [
                {"label": plain("Hardware"), "options": [option("Optics", "o"), option("Vacuum", "v")]},
                {"label": plain("Software"), "options": [option("Control", "c")]},
            ],
        },
        optional=True,
    ),
    field("tags", "Tags", {"type": "multi_static_select", "options": COLOURS}, optional=True),
    field(
        "checks",
        "Promises kept",
        {"type": "checkboxes", "options": [option("Supplier signed", "s"), option("Audit closed", "u")]},
        optional=True,
    ),
    field("when", "Next date", {"type": "datepicker", "initial_date": "2026-12-05"}),
    field("hour", "At", {"type": "timepicker"}, optional=True),
    field("moment", "Exact moment", {"type": "datetimepicker", "initial_date_time": 1795791600}, optional=True),
    field("cost", "Cost", {"type": "number_input", "is_decimal_allowed": False, "min_value": "0"}, optional=True),
    field("owner", "Owner", {"type": "users_select"}, optional=True),
    field("watchers", "Watchers", {"type": "multi_users_select", "initial_users": ["U2"]}, optional=True),
    field("room", "Channel", {"type": "conversations_select"}, optional=True),
    field("risk", "Risk", {"type": "external_select", "min_query_length": 2}, optional=True),
    field("mail", "Mail", {"type": "email_text_input"}, optional=True),
    field("page", "Page", {"type": "url_text_input"}, optional=True),
    field(
        "search",
        "Search",
        {"type": "plain_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}},
        dispatch_action=True,
        optional=True,
    ),
    {"type": "actions", "block_id": "acts", "elements": [button("Add a risk", "add_risk")]},
]


def view(view_id: str, title: str, blocks: list[Json], **extra: Any) -> Json:
    """A modal as the views door tells it."""
    return {
        "type": "modal",
        "id": view_id,
        "hash": "1.a",
        "root_view_id": view_id,
        "previous_view_id": None,
        "callback_id": "report",
        "title": plain(title),
        "submit": plain("Send report"),
        "close": plain("Keep draft"),
        "blocks": blocks,
        **extra,
    }


def report_view() -> Json:
    """The modal with every element."""
    return view("V1", "ATLAS, week 48", FIELDS)


HOME = {
    "type": "home",
    "id": "VH",
    "hash": "1.h",
    "blocks": [
        {"type": "header", "block_id": "h", "text": plain("Your projects")},
        {
            "type": "section",
            "block_id": "s",
            "text": mrkdwn("*ATLAS* is green"),
            "accessory": button("Report now", "now"),
        },
        field("zone", "Your reminder time", {"type": "timepicker", "initial_time": "09:00"}, dispatch_action=True),
    ],
}
