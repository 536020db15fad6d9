"""Tries every template on made-up portfolios, so that its faults show at start and not on a Friday at four."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digests import samples
from digests.composer import ALERT, WEEKLY, compose
from digests.environment import Templates
from digests.faults import TemplateFault
from digests.markdown import MarkdownReader
from reporting.texts import Catalogues


def check(
    folder: Path | None, catalogues: Catalogues, locale: str = "en-GB", wanted: tuple[str, ...] = ()
) -> list[TemplateFault]:
    """All faults of all templates, each told once; empty when every digest and alert could be written.

    Args:
        folder: of overriding templates, or None.
        wanted: templates named in the policy, which must exist.
    """
    if folder is not None and not folder.is_dir():
        return [TemplateFault(str(folder), None, "this folder of templates does not exist")]
    templates, reader = Templates(folder), MarkdownReader()
    found: dict[str, TemplateFault] = {}
    for name in dict.fromkeys((WEEKLY, ALERT, *wanted, *templates.names())):
        views = samples.alerts() if name == ALERT else samples.digests()
        for view in views.values():
            fault = _try(templates, reader, name, view, catalogues, locale)
            if fault is not None:
                found.setdefault(str(fault), fault)
    return list(found.values())


def _try(
    templates: Templates,
    reader: MarkdownReader,
    name: str,
    view: Mapping[str, Any],
    catalogues: Catalogues,
    locale: str,
) -> TemplateFault | None:
    try:
        compose(templates, reader, name, view, catalogues.texts(locale, str(view["zone"])))
    except TemplateFault as fault:
        return fault
    return None
