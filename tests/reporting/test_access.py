"""Whom a refusal names."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.messages import Mention, Paragraph, Plain
from reporting.model import Role
from tests.reporting.asking import answer, text
from tests.support.policy import make_policy
from tests.support.world import World


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (("anna@labs.example",), "Anna"),
        (("U_ANNA", "anna@labs.example", "U_NEW"), "Anna, U_NEW"),
        (("new@labs.example",), "new@labs.example"),
        ((), "–"),
    ],
)
def test_a_refusal_names_the_pmo_as_people_or_as_the_settings_do(
    tmp_path: Path, members: tuple[str, ...], said: str
) -> None:
    world = World(tmp_path, make_policy(roles={Role.PMO: members}))
    for name in ("ben", "anna"):
        world.person(name)
    message = answer(world.command("ben", "digest preview"))
    assert message.summary == text(message) == f"Only the PMO may do this: {said}."
    [paragraph] = message.blocks
    assert isinstance(paragraph, Paragraph)
    mentioned = [span.name for span in paragraph.spans if isinstance(span, Mention)]
    assert mentioned == (["Anna"] if "Anna" in said else [])
    assert isinstance(paragraph.spans[0], Plain)
