"""Interactive elements and inputs (Slack docs: block elements)."""

import re
from typing import Any

from playground.blocks.objects import (
    ACTION_ID,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLAIN_OPTION,
    TYPE,
    options_of,
    plain,
    unique_values,
    url,
)
from playground.blocks.rich import RICH_TEXT
from playground.blocks.schema import (
    Check,
    Context,
    Json,
    array,
    boolean,
    integer,
    one_of,
    only_on,
    record,
    rule,
    string,
)

_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
NUMBER = re.compile(r"-?\d+(\.\d+)?")
_COMMON: dict[str, Check] = {"action_id": ACTION_ID, "focus_on_load": boolean}
_PICKER: dict[str, Check] = {**_COMMON, "confirm": CONFIRM, "placeholder": plain(150)}
_UNIQUE = rule(lambda value: unique_values(options_of(value)), "option values must be unique", "options")


def element(required: dict[str, Check], optional: dict[str, Check], *more: Check) -> Check:
    """An element with a type, an optional action_id and its own fields."""
    return record({"type": TYPE, **required}, {**_COMMON, **optional}, *more)


def input_only(ctx: Context, value: Json, at: str) -> None:
    """Refuses an input element outside an input block."""
    if not ctx.in_input:
        ctx.fail(f"{at}/type", f"unsupported type: {value['type']}")


def _in_modal_input(field: str) -> Check:
    def check(ctx: Context, value: Json, at: str) -> None:
        if field in value and not (ctx.in_input and ctx.surface == "modal"):
            ctx.fail(at, f"invalid additional property: {field}")

    return check


def _initial_option(ctx: Context, value: Json, at: str) -> None:
    known = options_of(value)
    if "initial_option" in value and value["initial_option"] not in known:
        ctx.fail(f"{at}/initial_option", "must match one of the options")
    for index, entry in enumerate(value.get("initial_options", [])):
        if entry not in known:
            ctx.fail(f"{at}/initial_options/{index}", "must match one of the options")


_ONE_SOURCE = rule(lambda v: ("options" in v) != ("option_groups" in v), "must define either options or option_groups")
_SOURCES: dict[str, Check] = {
    "options": array(PLAIN_OPTION, 1, 100),
    "option_groups": array(OPTION_GROUP, 1, 100),
}
_MAX = {"max_selected_items": integer(1)}


def _initials_fit(ctx: Context, value: Json, at: str) -> None:
    limit = value.get("max_selected_items")
    chosen: list[Any] = next(
        (value[name] for name in value if name.startswith("initial_") and isinstance(value[name], list)), []
    )
    if limit is not None and len(chosen) > limit:
        ctx.fail(at, f"no more than {limit} items allowed")


BUTTON = record(
    {"type": TYPE, "text": plain(75)},
    {
        "action_id": ACTION_ID,
        "value": string(1, 2000),
        "url": url(),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(1, 75),
        "confirm": CONFIRM,
    },
)
_FEEDBACK = record({"text": plain(75), "value": string(1, 2000)}, {"accessibility_label": string(1, 75)})

SELECTS: dict[str, Check] = {
    "static_select": element(
        {}, {**_PICKER, **_SOURCES, "initial_option": PLAIN_OPTION}, _ONE_SOURCE, _UNIQUE, _initial_option
    ),
    "multi_static_select": element(
        {},
        {**_PICKER, **_SOURCES, **_MAX, "initial_options": array(PLAIN_OPTION, 1, 100)},
        _ONE_SOURCE,
        _UNIQUE,
        _initial_option,
        _initials_fit,
    ),
    "external_select": element({}, {**_PICKER, "min_query_length": integer(0), "initial_option": PLAIN_OPTION}),
    "multi_external_select": element(
        {},
        {**_PICKER, **_MAX, "min_query_length": integer(0), "initial_options": array(PLAIN_OPTION, 1, 100)},
        _initials_fit,
    ),
    "users_select": element({}, {**_PICKER, "initial_user": string(1)}),
    "multi_users_select": element({}, {**_PICKER, **_MAX, "initial_users": array(string(1))}, _initials_fit),
    "conversations_select": element(
        {},
        {
            **_PICKER,
            "initial_conversation": string(1),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": CONVERSATION_FILTER,
        },
        _in_modal_input("response_url_enabled"),
    ),
    "multi_conversations_select": element(
        {},
        {
            **_PICKER,
            **_MAX,
            "initial_conversations": array(string(1)),
            "default_to_current_conversation": boolean,
            "filter": CONVERSATION_FILTER,
        },
        _initials_fit,
    ),
    "channels_select": element(
        {},
        {**_PICKER, "initial_channel": string(1), "response_url_enabled": boolean},
        _in_modal_input("response_url_enabled"),
    ),
    "multi_channels_select": element({}, {**_PICKER, **_MAX, "initial_channels": array(string(1))}, _initials_fit),
}

_CHOICES = {"confirm": CONFIRM}
CHOOSERS: dict[str, Check] = {
    "overflow": record(
        {"type": TYPE, "options": array(OVERFLOW_OPTION, 1, 5)},
        {"action_id": ACTION_ID, "confirm": CONFIRM},
        _UNIQUE,
    ),
    "checkboxes": element(
        {"options": array(OPTION, 1, 10)},
        {**_CHOICES, "initial_options": array(OPTION, 1, 10)},
        _UNIQUE,
        _initial_option,
    ),
    "radio_buttons": element(
        {"options": array(OPTION, 1, 10)}, {**_CHOICES, "initial_option": OPTION}, _UNIQUE, _initial_option
    ),
    "datepicker": element({}, {**_PICKER, "initial_date": string(pattern=_DATE)}),
    "timepicker": element(
        {}, {**_PICKER, "initial_time": string(pattern=r"([01]\d|2[0-3]):[0-5]\d"), "timezone": string(1)}
    ),
    "datetimepicker": element(
        {},
        {"confirm": CONFIRM, "initial_date_time": integer(1_000_000_000, 9_999_999_999)},
        only_on("message", "modal"),
    ),
}

BUTTONS: dict[str, Check] = {"button": BUTTON}
CONTEXT_ACTIONS: dict[str, Check] = {
    "feedback_buttons": record(
        {"type": TYPE, "positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": ACTION_ID}
    ),
    "icon_button": record(
        {"type": TYPE, "icon": string(1), "text": plain(75)},
        {
            "action_id": ACTION_ID,
            "value": string(1, 2000),
            "accessibility_label": string(1, 75),
            "visible_to_user_ids": array(string(1), 1, 10),
            "confirm": CONFIRM,
        },
    ),
}

_TYPED: dict[str, Check] = {"placeholder": plain(150), "dispatch_action_config": DISPATCH_CONFIG}


def _lengths(ctx: Context, value: Json, at: str) -> None:
    low, high = value.get("min_length", 0), value.get("max_length", 3000)
    if low > high:
        ctx.fail(f"{at}/min_length", "must not be greater than max_length")
    initial = value.get("initial_value")
    if initial is not None and len(initial) > high:
        ctx.fail(f"{at}/initial_value", f"must be less than {high + 1} characters")


def _numeric(ctx: Context, value: Any, at: str) -> None:
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        ctx.fail(at, "must be a number given as a string")


def _number_bounds(ctx: Context, value: Json, at: str) -> None:
    fields = {name: float(value[name]) for name in ("min_value", "max_value", "initial_value") if name in value}
    if not value["is_decimal_allowed"] and any("." in value[name] for name in fields):
        ctx.fail(at, "decimals are not allowed")
    low, high = fields.get("min_value"), fields.get("max_value")
    if low is not None and high is not None and low > high:
        ctx.fail(f"{at}/min_value", "must not be greater than max_value")
    first = fields.get("initial_value")
    if first is not None and ((low is not None and first < low) or (high is not None and first > high)):
        ctx.fail(f"{at}/initial_value", "must be between min_value and max_value")


def _files_scope(ctx: Context, _value: Json, at: str) -> None:
    if ctx.scopes is not None and "files:read" not in ctx.scopes:
        ctx.fail(at, "file_input requires the files:read scope")


INPUTS: dict[str, Check] = {
    "plain_text_input": element(
        {},
        {
            **_TYPED,
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
            "initial_value": string(1, 3000),
        },
        input_only,
        _lengths,
    ),
    "rich_text_input": element(
        {},
        {**_TYPED, "initial_value": RICH_TEXT, "min_lines": integer(1, 100), "max_lines": integer(1, 100)},
        input_only,
        only_on("modal"),
    ),
    "number_input": element(
        {"is_decimal_allowed": boolean},
        {**_TYPED, "min_value": _numeric, "max_value": _numeric, "initial_value": _numeric},
        input_only,
        only_on("modal"),
        _number_bounds,
    ),
    "email_text_input": element({}, {**_TYPED, "initial_value": string(1)}, input_only, only_on("modal")),
    "url_text_input": element({}, {**_TYPED, "initial_value": url()}, input_only, only_on("modal")),
    "file_input": element(
        {},
        {"filetypes": array(string(1)), "max_files": integer(1, 10)},
        input_only,
        only_on("modal"),
        _files_scope,
    ),
}
