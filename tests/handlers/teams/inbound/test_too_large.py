"""Forms that do not fit with what was typed into them: the words come back all the same, to be copied."""

from pathlib import Path
from typing import Any

import pytest

from reporting import interactions as i
from reporting.ports import StoreBusy
from tests.handlers.teams.inbound.bench import bench, shown
from tests.handlers.teams.kit import buttons, seen

# What was typed fits by itself; with all fields and their hints it does not.
WIDE = i.Form("report", "ATLAS, week 48", tuple(
    i.TextField(f"f{n}", f"Field {n}", hint="h" * 400, optional=True, max_length=3_000) for n in range(40)
), submit="Send")  # fmt: skip
TYPED = {f"in:t:f{n}": f"Text{n:02}" + "x" * 2_500 for n in range(40)}


def given_back(answer: Any, words: str) -> bool:
    """Whether all texts are shown, with what happened, and no button that would send them."""
    card = shown(answer)["card"]["content"]
    text = seen(card)
    return words in text and all(f"Text{n:02}" in text for n in range(40)) and not buttons(card)


@pytest.mark.parametrize(("failure", "words"), [
    (StoreBusy(), "Notsentyet:thestoredidnotanswerintime."), (RuntimeError("x"), "Notsent:somethingfailed"),
    ((i.FieldErrors({"f1": "Shorter, please."}),), "toolarge"),
])  # fmt: skip
async def test_what_was_typed_is_given_back_where_the_form_does_not_fit(
    tmp_path: Path, failure: Any, words: str
) -> None:
    async with bench(tmp_path) as running:
        dialog = await running.opens(WIDE)
        running.desk.replies["submit"] = failure
        assert given_back(await running.sends(dialog, "Send", TYPED), words)


async def test_a_stale_form_gives_back_long_texts_too(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        dialog = await running.opens(WIDE)
        assert given_back(await running.sends(dialog, "Send", TYPED, who=running.bo), "outofdate")
