"""Fields as input blocks. A field's `block_id` and `action_id` are its id, so a redraw keeps what was typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from handlers.slack.limits import (
    HINT,
    INPUT_CHARS,
    LABEL,
    PLACEHOLDER,
    RADIO_OPTIONS,
    SELECT_GROUPS,
    SELECT_OPTIONS,
)
from handlers.slack.render.blocks import prose
from handlers.slack.render.elements import option, overlong, plain, sendable
from handlers.slack.render.look import Json, Look
from handlers.text import clean, one_line, pieces, shorten, size
from reporting.interactions import (
    ChecksField,
    ChoiceField,
    DateField,
    Field,
    NumberField,
    PersonField,
    TextField,
)
from reporting.messages import Option, Plain

# A cut without white space may stop a little earlier, for the sake of an emoji sequence.
HARD_CUT = INPUT_CHARS - 20
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def part_id(field_id: str, n: int) -> str:
    """The `block_id` of the n-th input (from 1) of a field."""
    return field_id if n == 1 else f"{field_id}~{n}"


@dataclass(slots=True)
class Inputs:
    """Draws fields and remembers which options travel under their number."""

    look: Look
    users: Mapping[int, str]
    numbered: dict[str, list[str]] = field(default_factory=dict)

    def draw(self, item: Field) -> list[Json]:
        """The blocks of one field."""
        match item:
            case TextField():
                return self._text(item)
            case ChoiceField():
                return self._choice(item)
            case ChecksField():
                return self._checks(item)
            case NumberField():
                return self._number(item)
            case DateField():
                element: Json = {"type": "datepicker"}
                element |= {"initial_date": item.value} if _is_day(item.value) else {}
                return self._input(item, element, item.hint)
            case PersonField():
                user = self.users.get(item.value, "") if item.value is not None else ""
                return self._input(
                    item, {"type": "users_select", **({"initial_user": user} if user else {})}, item.hint
                )
            case _:
                assert_never(item)

    def _input(self, item: Field, element: Json, hint: str, n: int = 1, label: str = "") -> list[Json]:
        """An input block, with what does not fit into its label or hint as text above it."""
        before: list[str] = []
        label = label or clean(item.label).strip() or self.look.words.nothing
        hint = clean(hint).strip()
        if size(label) > LABEL:
            before.append(label)
        if size(hint) > HINT:
            before.append(hint)
        block: Json = {
            "type": "input",
            "block_id": part_id(item.id, n),
            "label": plain(shorten(label, LABEL)),
            "element": {**element, "action_id": item.id},
            "optional": item.optional or n > 1,
        }
        block |= {"hint": plain(hint)} if hint and size(hint) <= HINT else {}
        block |= {"dispatch_action": True} if item.live else {}
        return [b for text in before for b in prose((Plain(text),), self.look)] + [block]

    def _text(self, item: TextField) -> list[Json]:
        value = clean(item.value)
        parts = list(pieces(value, INPUT_CHARS)) or [""]
        total = max(len(parts), -(-max(item.max_length, 1) // INPUT_CHARS))
        blocks: list[Json] = []
        for n in range(1, total + 1):
            initial = parts[n - 1] if n <= len(parts) else ""
            room = INPUT_CHARS if n < total else item.max_length - INPUT_CHARS * (total - 1)
            element: Json = {
                "type": "plain_text_input",
                "multiline": item.multiline or total > 1,
                "max_length": min(INPUT_CHARS, max(room, size(initial), 1)),
            }
            element |= {"initial_value": initial} if initial else {}
            element |= self._placeholder(item.placeholder) | _dispatch(item.live)
            label = clean(item.label).strip() or self.look.words.nothing
            if total > 1:
                label = self.look.words.part.format(text=label, n=n, total=total)
            blocks += self._input(item, element, item.hint if n == total else "", n, label)
        return blocks

    def _placeholder(self, text: str) -> Json:
        text = one_line(text)
        return {"placeholder": plain(shorten(text, PLACEHOLDER))} if text else {}

    def _number(self, item: NumberField) -> list[Json]:
        low, high = _bounds(item)
        bounds = {name: value for name, value in (("min_value", low), ("max_value", high)) if value is not None}
        element: Json = {"type": "number_input", "is_decimal_allowed": item.decimal, **bounds, **_dispatch(item.live)}
        hint = item.hint
        if _within(item):
            element["initial_value"] = item.value
        elif item.value.strip():
            # What was typed before is no number for Slack, which would refuse the whole form: show it instead.
            hint = " ".join(filter(None, (hint, self.look.words.was.format(value=item.value))))
        return self._input(item, element, hint)

    def _choice(self, item: ChoiceField) -> list[Json]:
        if not item.options:
            return self._no_options(item)
        drawn = self._options(item.id, item.options)
        chosen = [d for d, o in zip(drawn, item.options, strict=True) if o.value == item.value][:1]
        element: Json = {"initial_option": chosen[0]} if chosen else {}
        if item.style == "radio" and len(drawn) <= RADIO_OPTIONS:
            element |= {"type": "radio_buttons", "options": drawn}
        else:
            element |= {"type": "static_select", **self._listed(drawn), **self._placeholder(item.placeholder)}
        return self._input(item, element, _with_overlong(item.hint, item.options))

    def _checks(self, item: ChecksField) -> list[Json]:
        if not item.options:
            return self._no_options(item)
        drawn = self._options(item.id, item.options)
        chosen = [d for d, o in zip(drawn, item.options, strict=True) if o.value in item.value]
        element: Json = {"initial_options": chosen} if chosen else {}
        if len(drawn) <= RADIO_OPTIONS:
            element |= {"type": "checkboxes", "options": drawn}
        else:
            element |= {"type": "multi_static_select", **self._listed(drawn)}
        return self._input(item, element, _with_overlong(item.hint, item.options))

    def _no_options(self, item: ChoiceField | ChecksField) -> list[Json]:
        # Slack knows no select without options (Slack docs: select menu element).
        return prose((Plain(f"{item.label}: {self.look.words.nothing}"),), self.look)

    def _options(self, field_id: str, options: tuple[Option, ...]) -> list[Json]:
        if sendable(options) and not any(o.value.startswith("~") for o in options):
            return [option(o, o.value, self.look) for o in options]
        self.numbered[field_id] = [o.value for o in options]
        return [option(o, f"~{at}", self.look) for at, o in enumerate(options)]

    def _listed(self, drawn: list[Json]) -> Json:
        if len(drawn) <= SELECT_OPTIONS:
            return {"options": drawn}
        groups = []
        for start in range(0, min(len(drawn), SELECT_OPTIONS * SELECT_GROUPS), SELECT_OPTIONS):
            group = drawn[start : start + SELECT_OPTIONS]
            label = self.look.words.options.format(first=start + 1, last=start + len(group))
            groups.append({"label": plain(label), "options": group})
        return {"option_groups": groups}


def _dispatch(live: bool) -> Json:
    if not live:
        return {}
    return {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}


def _with_overlong(hint: str, options: tuple[Option, ...]) -> str:
    full = [text for each in options for text in overlong(each)]
    return "\n".join([hint, *full] if hint else full) if full else hint


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _numeric(value: str, item: NumberField) -> bool:
    return bool(_NUMBER.fullmatch(value)) and value.isascii() and (item.decimal or "." not in value)


def _bounds(item: NumberField) -> tuple[str | None, str | None]:
    """Those that Slack takes: two that leave nothing between them are left to our own check."""
    low = item.minimum if _numeric(item.minimum, item) else None
    high = item.maximum if _numeric(item.maximum, item) else None
    if low is not None and high is not None and float(low) > float(high):
        return None, None
    return low, high


def _within(item: NumberField) -> bool:
    if not _numeric(item.value, item):
        return False
    low, high = _bounds(item)
    number = float(item.value)
    return (low is None or number >= float(low)) and (high is None or number <= float(high))
