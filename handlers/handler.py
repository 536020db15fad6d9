"""The shapes of handlers, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reporting.interactions import Click, Form, OpenForm, Reply, Say, Submission, UserRef, Value
from reporting.messages import Message, Paragraph, Plain
from reporting.ports import UnitOfWork
from reporting.services import people
from reporting.services.access import Reader
from reporting.services.context import Services

ActionHandler = Callable[[Services, Reader, Click], Reply]
FormHandler = Callable[[Services, Reader, Submission], Reply]


def say(text: str) -> Reply:
    """A private answer of one paragraph."""
    return (Say(Message(text, (Paragraph((Plain(text),)),))),)


def show(form: Form) -> Reply:
    """Open a form."""
    return (OpenForm(form),)


def resolved(uow: UnitOfWork, values: Mapping[str, Value]) -> dict[str, Any]:
    """Form values as plain JSON: a chosen chat account becomes a person id (as text), blanks are left out."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, UserRef):
            person = people.owner(uow, value.identity)
            plain[name] = str(person.id) if person else ""
        elif value:
            plain[name] = list(value) if isinstance(value, tuple) else value
    return plain


def numbers(text: str, count: int) -> tuple[int, ...] | None:
    """`12:7` as (12, 7); None when it is not `count` numbers. Values of buttons come back from clients."""
    parts = text.split(":")
    if len(parts) != count or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return tuple(int(part) for part in parts)
