"""What is wrong with translations, found before the bot starts and not when a message is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from reporting.texts import PO_FILE

_ANY_COUNT = {"n"}


@dataclass(frozen=True, slots=True)
class TextFault:
    """A fault of a translation and the line it stands in."""

    path: Path
    line: int | None
    problem: str


def faults_in(folder: Path) -> Iterator[TextFault]:
    """Every fault of the translations in a folder."""
    found = sorted(folder.glob(f"*/{PO_FILE}"))
    if not found:
        yield TextFault(folder, None, f"holds no translation; one is expected at <language>/{PO_FILE}")
    for path in found:
        yield from _file(path, path.relative_to(folder).parts[0])


def _file(path: Path, language: str) -> Iterator[TextFault]:
    try:
        Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        yield TextFault(path, None, f'"{language}" is no language; name the folder such as "de" or "pt_BR"')
        return
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        yield TextFault(path, getattr(error, "lineno", None), f"cannot be read: {error}")
        return
    for message in catalogue:
        if message.id and not message.fuzzy:
            for problem in _problems(message, catalogue):
                yield TextFault(path, message.lineno, problem)


def _problems(message: Message, catalogue: Catalog) -> Iterator[str]:
    ids, strings = _several(message.id), _several(message.string)
    if not any(strings):
        return
    plural = len(ids) > 1
    if plural and (len(strings) != catalogue.num_plurals or not all(strings)):
        yield f'"{ids[0]}" needs {catalogue.num_plurals} forms'
    wanted = set[str]().union(*map(_places, ids))
    counted = _ANY_COUNT if plural else set()
    for string in filter(None, strings):
        try:
            held = _places(string)
        except ValueError:
            yield f'"{string}" has a brace without its partner'
            continue
        if lost := wanted - held - counted:
            yield f'"{string}" leaves out {_listed(lost)}'
        if unknown := held - wanted - counted:
            yield f'"{string}" has {_listed(unknown)}, which the English text does not have'


def _several(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _listed(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
