"""The catalogue that translators start from holds exactly the texts of the product."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

from reporting.texts import SHIPPED
from reporting.texts_checks import faults_in
from tests.catalogue.texts import POT, ROOT, extracted, extraction, ids, read


def test_the_template_is_up_to_date(tmp_path: Path) -> None:
    now, kept = ids(extracted(tmp_path)), ids(read(POT))
    assert not now ^ kept, f"run `make texts`: new {sorted(now - kept)}, gone {sorted(kept - now)}"
    assert len(kept) > 400


def test_make_texts_runs_what_is_tested_here() -> None:
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\ntexts:")[2].partition("\n\n")[0]
    words = recipe.replace("\\\n", " ").split()
    for word in extraction(POT)[1:]:
        assert word.replace(f"{ROOT}/", "") in words


def test_every_text_has_named_places_only() -> None:
    for forms in ids(read(POT)):
        for form in forms:
            names = [name for _, name, _, _ in Formatter().parse(form) if name is not None]
            assert all(name.isidentifier() for name in names), form


def test_shipped_translations_have_no_fault() -> None:
    if list(SHIPPED.glob("*/LC_MESSAGES/*.po")):
        assert list(faults_in(SHIPPED)) == []
