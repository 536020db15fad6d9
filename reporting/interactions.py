"""Forms, what people do with them and with messages, and what the bot answers: all platform-neutral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reporting.messages import Block, Message, Option
from reporting.model import Identity

INPUT = 3000
"""Characters that one text input holds (Slack docs: plain-text input element)."""
_NEARLY_FULL = 2800
_MOST_INPUTS = 4


def rooms(text: str) -> int:
    """How many inputs a long text needs, so that there is always some room left to go on writing."""
    return min(len(text) // _NEARLY_FULL + 1, max(_MOST_INPUTS, len(text) // INPUT + 1))


@dataclass(frozen=True, slots=True)
class TextField:
    """Typed text. A value longer than one input can hold is drawn as several and joined again on the way back."""

    id: str
    label: str
    value: str = ""
    hint: str = ""
    placeholder: str = ""
    optional: bool = False
    multiline: bool = False
    max_length: int = 3000
    live: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of several options; `live` tells the bot at once.

    Attributes:
        further: which options ask for more, and for what; told where further questions do not appear by themselves.
    """

    id: str
    label: str
    options: tuple[Option, ...]
    value: str | None = None
    hint: str = ""
    placeholder: str = ""
    optional: bool = False
    style: Literal["radio", "select"] = "select"
    live: bool = False
    further: str = ""


@dataclass(frozen=True, slots=True)
class ChecksField:
    """Any of several options (at most ten)."""

    id: str
    label: str
    options: tuple[Option, ...]
    value: tuple[str, ...] = ()
    hint: str = ""
    optional: bool = True
    live: bool = False


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number, sent back as the text typed."""

    id: str
    label: str
    value: str = ""
    hint: str = ""
    optional: bool = False
    decimal: bool = False
    minimum: str = ""
    maximum: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True)
class DateField:
    """A day, ISO text."""

    id: str
    label: str
    value: str = ""
    hint: str = ""
    optional: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class PersonField:
    """A person. `value` is a person id; what comes back is a `UserRef`."""

    id: str
    label: str
    value: int | None = None
    hint: str = ""
    optional: bool = False
    live: bool = False


Field = TextField | ChoiceField | ChecksField | NumberField | DateField | PersonField
FormItem = Field | Block


@dataclass(frozen=True, slots=True)
class Form:
    """A form (a modal in Slack, a dialog in Teams).

    Attributes:
        id: names the handler of its submission (`report`, `risk`, `absence`, ...).
        submit: label of the sending button; empty for a form that only shows.
        context: travels with the form and comes back with the submission; never trusted without a check.
        tell_close: whether closing without sending is told to the bot.
    """

    id: str
    title: str
    items: tuple[FormItem, ...]
    submit: str = ""
    close: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    tell_close: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """A person's home view."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class UserRef:
    """A chat account chosen in a person field."""

    identity: Identity


Value = str | tuple[str, ...] | UserRef | None


# ---------------------------------------------------------------- what people do


@dataclass(frozen=True, slots=True)
class Submission:
    """A form sent, or its state while typing.

    Attributes:
        values: by field id; an empty input is None (or () for checks). Every field drawn is present.
        interaction: unique for one sending (view id and hash), for recognising a repeat.
        view: opaque handle of the open form, for updating it later; empty in a test of pure rules.
    """

    form_id: str
    actor: Identity
    values: dict[str, Value]
    context: dict[str, Any]
    interaction: str = ""
    view: str = ""


@dataclass(frozen=True, slots=True)
class Click:
    """A button pressed or a menu used.

    Attributes:
        action: handler name; for a live field `field:<field id>`.
        value: the button's value, or the option chosen.
        message: the message it was on, or None.
        form: the form's present state when it was pressed inside a form, or None.
        place: `message`, `form` or `home`.
    """

    action: str
    value: str
    actor: Identity
    place: Literal["message", "form", "home"]
    channel: str = ""
    message_id: str = ""
    form: Submission | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A line typed after the slash command or to the bot. Mentions are written `@<user id>`."""

    actor: Identity
    text: str
    channel: str = ""
    direct: bool = False


# ---------------------------------------------------------------- what the bot answers


@dataclass(frozen=True, slots=True)
class Say:
    """Answer the person privately (in a direct message: as an ordinary message there).

    `replace` puts it in place of the private answer whose button was pressed (paging).
    """

    message: Message
    replace: bool = False


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Open a form (on top, when one is open already)."""

    form: Form


@dataclass(frozen=True, slots=True)
class UpdateForm:
    """Redraw the form in hand; typed values of fields that stay are kept. `parent` redraws the one beneath instead."""

    form: Form
    parent: bool = False


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """The submission is refused; each error stands at its field."""

    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class CloseForm:
    """The submission is taken. `all` closes the whole stack."""

    all: bool = False


@dataclass(frozen=True, slots=True)
class SendFile:
    """Give the person a file. Whoever does so tells the desk first (`handed_over`).

    Attributes:
        about: what the audit trail says of it.
    """

    filename: str
    content: bytes
    comment: str
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShowHome:
    """Draw the person's home view anew."""

    home: Home


Effect = Say | OpenForm | UpdateForm | FieldErrors | CloseForm | SendFile | ShowHome
Reply = tuple[Effect, ...]
