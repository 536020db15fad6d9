"""Templates in, Markdown out: where they are found, what they may use, and which line is at fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, Template, TemplateError, pass_context
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError
from jinja2.runtime import Context

from digests.faults import LimitReached, TemplateFault
from digests.guard import OUTPUT_LIMIT, PEN, Sandbox, pen_of
from digests.ink import Thing
from digests.pen import Pen
from reporting.texts import Texts

SHIPPED = Path(__file__).parent / "templates"

FILTERS = (
    "pill", "person", "sentence", "phrase", "brief", "day", "dates", "moment", "number", "change", "trend", "span",
    "colour",
)  # fmt: skip
"""Filters of our own; each is a method of `Pen`."""
FUNCTIONS = {"button": "button", "_": "translate", "gettext": "translate", "ngettext": "plural"}
"""Functions of our own and the method of `Pen` behind each."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template wrote: Markdown with marks, and what the marks stand for."""

    markdown: str
    things: list[Thing]


class Templates:
    """The shipped templates, with those of a folder in front of them.

    A folder's `weekly.md.j2` replaces the shipped one; `{% extends "shipped/weekly.md.j2" %}` changes parts of it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        shipped = FileSystemLoader(SHIPPED)
        own = [FileSystemLoader(folder)] if folder else []
        self._sandbox = Sandbox(ChoiceLoader([*own, shipped, PrefixLoader({"shipped": shipped})]))
        self._sandbox.filters |= {name: _with_pen(name) for name in FILTERS}
        self._sandbox.globals |= {name: _with_pen(method) for name, method in FUNCTIONS.items()}

    def names(self) -> list[str]:
        """All templates that write a message (a name with `_` in front is only a part of others)."""
        every = self._sandbox.list_templates(filter_func=lambda name: name.endswith(".md.j2"))
        return [name for name in every if not name.startswith(("_", "shipped/"))]

    def source(self, name: str) -> str:
        """The text of a template."""
        assert self._sandbox.loader is not None
        return self._sandbox.loader.get_source(self._sandbox, name)[0]

    def render(self, name: str, view: Mapping[str, Any], texts: Texts) -> Rendered:
        """Write a message. Pure: the same view and reader give the same Markdown.

        Raises:
            TemplateFault: with the template's name and line.
        """
        template = self._load(name)
        pen = Pen(texts, str(view.get("unit", "")))
        context = template.new_context({**view, "view": view, PEN: pen})
        try:
            return Rendered(_written(template, context), pen.ink.things)
        except Exception as error:  # a template can raise whatever its expressions can
            raise _fault(name, error) from error

    def _load(self, name: str) -> Template:
        try:
            return self._sandbox.get_template(name)
        except TemplateError as error:
            raise _fault(name, error) from error
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateFault(name, None, f"cannot be read: {error}") from error


def _with_pen(name: str) -> Callable[..., Any]:
    method = getattr(Pen, name)

    @pass_context
    def call(context: Context, *args: Any, **kwargs: Any) -> Any:
        return method(pen_of(context), *args, **kwargs)

    return call


def _written(template: Template, context: Context) -> str:
    chunks = []
    size = 0
    for chunk in template.root_render_func(context):
        size += len(chunk)
        if size > OUTPUT_LIMIT:
            raise LimitReached(f"the template writes more than {OUTPUT_LIMIT:,} characters")
        chunks.append(chunk)
    return "".join(chunks)


def _fault(name: str, error: Exception) -> TemplateFault:
    if isinstance(error, TemplateSyntaxError):
        return TemplateFault(error.name or name, error.lineno, error.message or "cannot be read")
    where, line = _place(error.__traceback__) or (name, None)
    if isinstance(error, TemplateNotFound):
        return TemplateFault(where, line, f"there is no template {error.name}")
    if isinstance(error, TemplateError | LimitReached | ValueError):
        return TemplateFault(where, line, str(error))
    if isinstance(error, RecursionError):
        return TemplateFault(where, line, "a macro or template calls itself without end")
    return TemplateFault(where, line, f"{type(error).__name__}: {error}")


def _place(trace: TracebackType | None) -> tuple[str, int | None] | None:
    """The innermost template and line that a traceback passes through."""
    found = None
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found = (template.name, template.get_corresponding_lineno(trace.tb_lineno))
        trace = trace.tb_next
    return found
