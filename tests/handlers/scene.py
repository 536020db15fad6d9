"""The scene of the command, home and form tests: week 48 is open, two projects have reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reporting.interactions import ChecksField, Form, OpenForm, Reply, UserRef
from reporting.policy import Policy
from tests.reporting.asking import returns
from tests.support.world import World


def scene(folder: Path, policy: Policy | None = None) -> World:
    """Ana leads ATLAS and BEAM, Ben CORE, Dora the confidential DELTA; Carl is executive, Anna the PMO."""
    world = World(folder, policy)
    for name in ("ana", "ben", "dora", "emil", "carl", "anna"):
        world.person(name)
    world.project("ATLAS", "ana", deputy="emil", sponsor="carl")
    world.project("BEAM", "ana")
    world.project("CORE", "ben")
    world.project("DELTA", "dora", confidential=True)
    world.start()
    world.go("2026-11-23", "09:00")
    returns(world, "ATLAS", "GGA")
    returns(world, "BEAM", "AR")
    return world


def opened(reply: Reply) -> Form:
    """The form that a reply opens."""
    (effect,) = reply
    assert isinstance(effect, OpenForm)
    return effect.form


def fields(form: Form) -> dict[str, Any]:
    """A form's fields by id."""
    return {item.id: item for item in form.items if hasattr(item, "id")}


def filled(world: World, form: Form, /, **typed: Any) -> dict[str, Any]:
    """Everything a chat sends back of a form: what is drawn, person fields as accounts, and what is typed."""
    values: dict[str, Any] = {}
    for name, field in fields(form).items():
        value = field.value
        if isinstance(value, int):
            person = next(p for p in world.people.values() if p.id == value)
            value = UserRef(person.identities[0])
        values[name] = value or (() if isinstance(field, ChecksField) else None)
    return values | typed


def account(world: World, name: str) -> UserRef:
    """A person as chosen in a person field."""
    return UserRef(world.identity(name))
