"""The texts of the product as the extractor finds them, and a made-up language in which every one is marked."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

from reporting.texts import PO_FILE, SHIPPED

ROOT = Path(__file__).parents[2]
POT = SHIPPED / "rollcall.pot"
LOCALE = "el"
"""Greek, so that dates and lists hold no Latin letter: each that stands outside the marks was never translated."""
OPEN, CLOSE = "⟦", "⟧"


def extraction(target: Path) -> list[str]:
    """What `make texts` runs, writing to another file."""
    return [
        "pybabel", "--quiet", "extract", "--mapping-file", str(SHIPPED / "babel.cfg"),
        "--add-location=file", "--sort-output", "--no-wrap", "--project", "Rollcall", "--output-file", str(target),
        *(str(ROOT / folder) for folder in ("reporting", "handlers", "digests", "bot")),
    ]  # fmt: skip


def extracted(folder: Path) -> Catalog:
    """All texts as they are in the code and the templates now."""
    CommandLineInterface().run(extraction(folder / "now.pot"))
    return read(folder / "now.pot")


def read(path: Path) -> Catalog:
    """A catalogue file."""
    return read_po(io.BytesIO(path.read_bytes()), abort_invalid=True)


def ids(catalogue: Catalog) -> set[tuple[str, ...]]:
    """The texts, singular and plural."""
    return {m.id if isinstance(m.id, tuple) else (str(m.id),) for m in catalogue if m.id}


def pseudo(source: Catalog, folder: Path) -> Path:
    """Write the marked language into a folder and return it."""
    marked = Catalog(locale=LOCALE, fuzzy=False)
    for message in source:
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (str(message.id),)
            strings = tuple(f"{OPEN}{form}{CLOSE}" for form in forms)
            marked.add(message.id, strings if len(strings) > 1 else strings[0])
    path = folder / LOCALE / PO_FILE
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, marked, width=0)
    return folder
