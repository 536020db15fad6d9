"""Fields as inputs. An input's id is the field's and its kind, after a beginning that no key of a button's data has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from handlers.teams.data import INPUT
from handlers.teams.render.look import Json, Look
from handlers.teams.render.text import FAULT, SMALL, literal, prose, quiet, shield
from handlers.teams.state import kind_of
from handlers.text import clean, one_line, size
from reporting.interactions import (
    INPUT as PART,
)
from reporting.interactions import (
    ChecksField,
    ChoiceField,
    DateField,
    Field,
    NumberField,
    PersonField,
    TextField,
    UserRef,
    Value,
)
from reporting.messages import Option, Plain

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_LONG = 4 * PART
# Teams docs: people picker in Adaptive Cards; what comes back is the Entra object id.
_DIRECTORY = {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}


def input_id(item: Field) -> str:
    """The id of a field's input."""
    return f"{INPUT}{kind_of(item)}:{item.id}"


def most(item: TextField) -> int:
    """How many characters a text may have.

    A long text grows by whole inputs where a form is redrawn while it is typed; here it has the room at once.
    """
    grows = item.multiline and item.max_length >= PART and item.max_length % PART == 0
    return max(item.max_length, _LONG if grows else 1, size(clean(item.value)))


def numeric(text: str, item: NumberField) -> bool:
    """Whether an input for numbers takes it."""
    return bool(_NUMBER.fullmatch(text)) and text.isascii() and (item.decimal or "." not in text)


def is_day(text: str) -> bool:
    """Whether it is an ISO date."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(slots=True)
class Inputs:
    """Draws fields.

    Attributes:
        typed: what stands in them instead of their own values.
        errors: what is wrong, by field id.
        enforced: whether the client may hold back a form with an empty required input.
    """

    look: Look
    typed: Mapping[str, Value] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    enforced: bool = True

    def draw(self, item: Field) -> list[Json]:
        """The elements of one field: its input, then its error, then its hint."""
        notes: tuple[str, ...] = ()
        match item:
            case TextField():
                body = self._text(item)
            case ChoiceField() | ChecksField():
                body, notes = self._options(item)
            case NumberField():
                body, notes = self._number(item)
            case DateField():
                body, notes = self._day(item)
            case PersonField():
                body = self._person(item)
            case _:
                assert_never(item)
        return self._around(item, body, notes)

    def _around(self, item: Field, body: Json, notes: tuple[str, ...]) -> list[Json]:
        words = self.look.words
        label = one_line(item.label) or words.nothing
        label = words.optional.format(label=label) if item.optional else label
        frame: Json = {"id": input_id(item), "label": shield(label)}
        if self.enforced and not item.optional:
            choose = isinstance(item, ChoiceField | PersonField)
            frame |= {"isRequired": True, "errorMessage": words.choose if choose else words.required}
        if isinstance(item, NumberField):
            frame |= {"errorMessage": words.no_number}
        error = literal(self.errors[item.id], self.look, FAULT) if item.id in self.errors else []
        hints = [one for text in (item.hint, *notes) for one in literal(text.strip(), self.look, SMALL)]
        return [body | frame, *error, *hints]

    def _value(self, item: Field, own: str | None) -> str:
        typed = self.typed.get(item.id, own)
        return clean(typed) if isinstance(typed, str) else ""

    def _text(self, item: TextField) -> Json:
        value = self._value(item, item.value)
        body: Json = {"type": "Input.Text", "maxLength": max(most(item), size(value))}
        body |= {"isMultiline": True} if item.multiline or "\n" in value else {}
        body |= {"placeholder": shield(one_line(item.placeholder))} if one_line(item.placeholder) else {}
        return body | ({"value": value} if value else {})

    def _number(self, item: NumberField) -> tuple[Json, tuple[str, ...]]:
        body: Json = {"type": "Input.Number"}
        for name, limit in (("min", item.minimum), ("max", item.maximum)):
            body |= {name: _number(limit)} if numeric(limit, item) else {}
        value = self._value(item, item.value)
        return (body | {"value": _number(value)}, ()) if numeric(value, item) else (body, self._was(value))

    def _day(self, item: DateField) -> tuple[Json, tuple[str, ...]]:
        body: Json = {"type": "Input.Date"}
        value = self._value(item, item.value)
        return (body | {"value": value}, ()) if is_day(value) else (body, self._was(value))

    def _was(self, value: str) -> tuple[str, ...]:
        """What was typed before and the input does not take is shown beside it."""
        return (self.look.words.was.format(value=value),) if value.strip() else ()

    def _options(self, item: ChoiceField | ChecksField) -> tuple[Json, tuple[str, ...]]:
        """Options travel under their number: a value may hold commas, or be empty, or be there twice."""
        titles = [self._title(option) for option in item.options]
        many = isinstance(item, ChecksField)
        chosen = self._chosen(item)
        body: Json = {"type": "Input.ChoiceSet", "wrap": True}
        body |= {"value": ",".join(chosen)} if chosen else {}
        body |= {"isMultiSelect": True} if many else {}
        notes: tuple[str, ...] = ()
        open_list = many or (isinstance(item, ChoiceField) and item.style == "radio")
        if open_list and not all(quiet(title) for title in titles):
            # Clients read the titles of an open list as Markdown, so the typed words stand beside their numbers.
            words = self.look.words
            notes = tuple(words.numbered.format(n=n, label=title) for n, title in enumerate(titles, 1))
            titles = [str(n) for n in range(1, len(titles) + 1)]
        body["style"] = "expanded" if open_list else "compact"
        if isinstance(item, ChoiceField) and one_line(item.placeholder):
            body["placeholder"] = shield(one_line(item.placeholder))
        body["choices"] = [{"title": shield(title), "value": str(at)} for at, title in enumerate(titles)]
        return body, notes

    def _title(self, option: Option) -> str:
        words = self.look.words
        label, description = one_line(option.label) or words.nothing, one_line(option.description)
        return words.option.format(label=label, description=description) if description else label

    def _chosen(self, item: ChoiceField | ChecksField) -> list[str]:
        typed: Value = self.typed.get(item.id, item.value)
        if isinstance(item, ChecksField):
            ticked = typed if isinstance(typed, tuple) else ()
            return [str(at) for at, option in enumerate(item.options) if option.value in ticked]
        return [str(at) for at, option in enumerate(item.options) if option.value == typed][:1]

    def _person(self, item: PersonField) -> Json:
        body: Json = {"type": "Input.ChoiceSet", "choices.data": _DIRECTORY, "choices": []}
        account, name = self._account(item)
        if account:
            body |= {"choices": [{"title": shield(name or account), "value": account}], "value": account}
        return body

    def _account(self, item: PersonField) -> tuple[str, str]:
        typed = self.typed.get(item.id)
        if item.id in self.typed:
            chosen = typed.identity.user_id if isinstance(typed, UserRef) else ""
            return chosen, next((a.name for a in self.look.accounts.values() if a.id == chosen), "")
        known = self.look.accounts.get(item.value) if item.value is not None else None
        # An id with a comma would come back as two.
        return (known.id, known.name) if known and "," not in known.id else ("", "")


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def no_options(item: ChoiceField | ChecksField, look: Look) -> list[Json]:
    """A field with nothing to choose from, as text."""
    return prose((Plain(f"{one_line(item.label)}: {look.words.nothing}"),), look)
