"""Which people a message or form names, so that their accounts can be looked up before it is drawn."""

import dataclasses
from typing import Any

from reporting.interactions import PersonField
from reporting.messages import Mention


def people_in(value: Any) -> set[int]:
    """Person ids of all mentions and chosen people in a message, form, home view or part of one."""
    if isinstance(value, Mention):
        return {value.person_id}
    if isinstance(value, PersonField):
        return {value.value} if value.value is not None else set()
    if isinstance(value, tuple):
        return set().union(*(people_in(item) for item in value)) if value else set()
    if dataclasses.is_dataclass(value):
        return set().union(*(people_in(getattr(value, f.name)) for f in dataclasses.fields(value)), set())
    return set()
