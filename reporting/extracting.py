"""Finds the texts in Python code, for the catalogue that translators start from (`make texts`).

Babel's own extractor goes by tokens and loses a text whose call has an argument named like one of the functions.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO

ONE = frozenset({"t", "_t", "texts", "_texts"})
"""What a `Texts` is called where it is called."""
SEVERAL = "n"
"""Its method for texts that depend on a number."""

Found = tuple[int, str | None, str | tuple[str, str], list[str]]


def calls(
    source: IO[bytes], _keywords: Collection[str], _tags: Collection[str], **_options: Mapping[str, str]
) -> Iterator[Found]:
    """An extraction method for Babel: every `t("...")` and `t.n("...", "...", n)`, in the order of the file."""
    found = [node for node in ast.walk(ast.parse(source.read())) if isinstance(node, ast.Call)]
    for call in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        name = _name(call.func)
        texts = [arg.value for arg in call.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in ONE and texts:
            yield call.lineno, None, texts[0], []
        elif name == SEVERAL and len(texts) == 2:
            yield call.lineno, "ngettext", (texts[0], texts[1]), []


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
