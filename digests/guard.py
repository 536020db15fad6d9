"""The sandbox for templates that people edit: what they may use, and how much of it."""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from digests.faults import LimitReached
from digests.ink import PRIVATE_USE, Md
from digests.pen import STEPS, Pen

OUTPUT_LIMIT = 4_000_000
"""Characters of Markdown that one rendering may write."""
RANGE_LIMIT = 10_000
PEN = " pen"
"""Under this name the pen travels with a rendering; no template can spell it."""
_OF_DICTS = frozenset(dir(dict))
_ROUNDS = " rounds"
_JOINED = " joined"

_PURE = """
    abs batch count d default dictsort first float groupby int items last length list map max min reject rejectattr
    round select selectattr slice sort sum unique
"""
_OF_TEXT = ("capitalize", "lower", "reverse", "string", "title", "truncate", "upper")
FILTERS = frozenset(_PURE.split())
"""Jinja's own filters that are pure and cannot blow up; `join`, `replace` and `trim` are our own."""


def pen_of(context: Context) -> Pen:
    """The pen of the rendering at work."""
    # What a rendering is given stands in the parent of every context made from it; asked there, it costs one look-up.
    pen: Pen = context.parent[PEN]
    return pen


@pass_context
def _finalize(context: Context, value: object) -> str:
    return pen_of(context).literal(value)


@pass_context
def _rounds(context: Context, items: Iterable[Any]) -> Collection[Any]:
    """What a loop goes through, counted before it starts."""
    counted = items if isinstance(items, list | tuple | dict) else list(islice(items, STEPS + 1))
    pen_of(context).spend(len(counted))
    return counted


@pass_context
def _joined(context: Context, parts: Iterable[object], separator: str = "", attribute: str | None = None) -> str:
    """`a ~ b` and Jinja's `join`, within the limit. Beside Markdown of our own, texts stay literal texts."""
    if attribute is not None:
        parts = (part[attribute] for part in parts)  # type: ignore[index]
    items = [part if isinstance(part, str) else str(part) for part in parts]
    if any(type(item) is Md for item in (*items, separator)):
        pen = pen_of(context)
        items = [pen.literal(item) for item in items]
        separator = pen.literal(separator)
        _within(sum(map(len, items)) + len(items) * len(separator))
        return Md(separator.join(items))
    _within(sum(map(len, items)) + len(items) * len(separator))
    return str(separator).join(items)


def _trimmed(value: object) -> str:
    """Without white space at both ends."""
    return Md(value.strip()) if isinstance(value, Md) else str(value).strip()


def _of_text(name: str, change: Callable[..., Any]) -> Callable[..., Any]:
    """A filter for somebody's text; Markdown that a macro or pill wrote cannot be changed letter by letter."""

    @wraps(change)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if any(type(arg) is Md for arg in args):
            raise SecurityError(f"the filter {name} works on text, not on what a macro or another filter wrote")
        return change(*args, **kwargs)

    return checked


def _replaced(text: object, old: str, new: str) -> str:
    """Jinja's `replace`, within the limit."""
    source = str(text)
    _within(len(source) + (source.count(old) if old else len(source) + 1) * len(new))
    return source.replace(old, new)


def _concat(parts: Iterable[str]) -> Md:
    """What macros and `{% set %}` blocks wrote: their own text and marks, so Markdown still."""
    written = "".join(parts)
    _within(len(written))
    return Md(written)


def _within(size: int) -> None:
    if size > OUTPUT_LIMIT:
        raise LimitReached(f"the template writes more than {OUTPUT_LIMIT:,} characters")


def _small(*numbers: float) -> None:
    if any(abs(number) > 1e15 for number in numbers):
        raise LimitReached("a number grows beyond 1,000,000,000,000,000")


def _range(*args: int) -> range:
    numbers = range(*args)
    if len(numbers) > RANGE_LIMIT:
        raise LimitReached(f"range() gives at most {RANGE_LIMIT:,} numbers")
    return numbers


class Sandbox(ImmutableSandboxedEnvironment):
    """Immutable sandbox whose output is Markdown with marks; pure, bounded, undefined names refused."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    concat = staticmethod(_concat)

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            autoescape=False,
        )
        texts = {name: _of_text(name, self.filters[name]) for name in _OF_TEXT}
        self.filters = {name: self.filters[name] for name in FILTERS} | texts
        self.filters |= {_ROUNDS: _rounds, _JOINED: _joined, "join": _joined, "trim": _trimmed}
        self.filters["replace"] = _of_text("replace", _replaced)
        self.globals = {"range": _range, "dict": dict, "namespace": self.globals["namespace"]}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found = PRIVATE_USE.search(source)
        if found:
            line = source.count("\n", 0, found.start()) + 1
            raise TemplateSyntaxError("private-use characters cannot stand in a template", line, name, filename)
        tree = super()._parse(source, name, filename)
        for refused in tree.find_all((nodes.FilterBlock, nodes.ScopedEvalContextModifier)):
            # A filter block writes past the pen: text given to its filter would become markup.
            raise TemplateSyntaxError(
                "filter and autoescape blocks cannot be used; write {{ value | filter }}",
                refused.lineno,
                name,
                filename,
            )
        guarded: nodes.Template = _Guarded().visit(tree)
        return guarded

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`project.key`: what a view holds is found at once; a name that a dict has itself stays the dict's."""
        if type(obj) is dict and attribute in obj and attribute not in _OF_DICTS:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call something from a template, counted."""
        pen_of(__context).spend(1)
        if type(__obj) is Macro:  # made by a template, and neither unsafe nor a text's `format`
            return __context.call(__obj, *args, **kwargs)
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Operators that could make something huge out of little."""
        if operator == "**":
            raise SecurityError("the operator ** cannot be used")
        if isinstance(left, int | float) and isinstance(right, int | float):
            _small(left, right)
        elif operator == "+" and Md in (type(left), type(right)):
            raise SecurityError("write a ~ b instead of a + b")
        elif operator == "+":
            _within(sum(len(side) for side in (left, right) if isinstance(side, str | list | tuple)))
        else:
            raise SecurityError(f"the operator {operator} works on numbers only")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """What a macro or filter of ours wrote has no attributes: it can only be printed, joined or trimmed."""
        return type(obj) is not Md and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`text.format(...)` could grow without limit; sentences are filled by `_()`."""
        if super().wrap_str_format(value) is None:
            return None
        raise SecurityError("format() cannot be used; write _('... {name}', name=value)")


class _Guarded(NodeTransformer):
    """Puts the counters into a template's tree."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = _filter(node.iter, _ROUNDS)  # type: ignore[arg-type]  # a loop goes through an expression
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filter(nodes.List(node.nodes, lineno=node.lineno), _JOINED)

    def visit_Import(self, node: nodes.Import) -> nodes.Node:  # noqa: N802
        return self._with_context(node)

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node:  # noqa: N802
        return self._with_context(node)

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802
        return self._with_context(node)

    def _with_context(self, node: nodes.Import | nodes.FromImport | nodes.Include) -> nodes.Node:
        # Without the context there would be no pen, and Jinja would keep the part from one reader to the next.
        node.with_context = True
        self.generic_visit(node)
        return node


def _filter(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
