"""Small combinators that say what a piece of Block Kit JSON must look like.

A check takes the context, a value and the JSON pointer of that value, and notes what is wrong in the context, in the
words Slack uses in `response_metadata.messages`.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Surface = Literal["message", "modal", "home"]


@dataclass
class Context:
    """What is being checked, and the faults found so far.

    Attributes:
        surface: where the blocks are to be shown.
        new_blocks: whether this workspace knows the block types of 2025 and later.
        file_ready: tells whether an uploaded file can already be shown.
        scopes: granted scopes; None when scopes do not matter.
    """

    surface: Surface
    new_blocks: bool = True
    file_ready: Callable[[Json], bool] = lambda _: True
    scopes: Collection[str] | None = None
    in_input: bool = False
    faults: list[str] = field(default_factory=list)

    def fail(self, pointer: str, words: str) -> None:
        """Note one fault at a JSON pointer."""
        self.faults.append(f"{words} [json-pointer:{pointer}]")


Check = Callable[[Context, Any, str], None]


def string(low: int = 1, high: int | None = None, pattern: str | None = None) -> Check:
    """A string of `low` to `high` characters that matches `pattern` as a whole."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if not isinstance(value, str):
            ctx.fail(at, "must be a string")
        elif len(value) < low:
            ctx.fail(at, f"must be more than {low - 1} characters")
        elif high is not None and len(value) > high:
            ctx.fail(at, f"must be less than {high + 1} characters")
        elif pattern is not None and not re.fullmatch(pattern, value):
            ctx.fail(at, "does not match the required format")

    return check


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number between two bounds, both included."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            ctx.fail(at, "must be an integer")
        elif low is not None and value < low:
            ctx.fail(at, f"must be at least {low}")
        elif high is not None and value > high:
            ctx.fail(at, f"must be at most {high}")

    return check


def number(above: float | None = None) -> Check:
    """A finite number, greater than `above` when given."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            ctx.fail(at, "must be a number")
        elif not math.isfinite(value):
            ctx.fail(at, "must be a finite number")
        elif above is not None and value <= above:
            ctx.fail(at, f"must be greater than {above:g}")

    return check


def boolean(ctx: Context, value: Any, at: str) -> None:
    """A JSON true or false."""
    if not isinstance(value, bool):
        ctx.fail(at, "must be a boolean")


def one_of(*allowed: str) -> Check:
    """One of some fixed strings."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if value not in allowed or not isinstance(value, str):
            ctx.fail(at, f"value must be one of: {', '.join(allowed)}")

    return check


def array(item: Check, low: int = 1, high: int | None = None) -> Check:
    """A list of `low` to `high` items that all pass `item`."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if not isinstance(value, list):
            ctx.fail(at, "must be an array")
            return
        if len(value) < low:
            ctx.fail(at, f"no fewer than {low} items allowed")
        if high is not None and len(value) > high:
            ctx.fail(at, f"no more than {high} items allowed")
            return
        for index, entry in enumerate(value):
            item(ctx, entry, f"{at}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *more: Check) -> Check:
    """An object with exactly these fields; `more` are rules over the whole object, run when its shape is right."""
    extra = optional or {}

    def check(ctx: Context, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            ctx.fail(at, "must be an object")
            return
        before = len(ctx.faults)
        for name in required:
            if name not in value:
                ctx.fail(at, f"missing required field: {name}")
        for name, entry in value.items():
            rule = required.get(name) or extra.get(name)
            if rule is None:
                ctx.fail(at, f"invalid additional property: {name}")
            else:
                rule(ctx, entry, f"{at}/{name}")
        if len(ctx.faults) == before:
            for rule in more:
                rule(ctx, value, at)

    return check


def typed(table: Mapping[str, Check], what: str = "type") -> Check:
    """An object whose `type` picks the check."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            ctx.fail(at, "must be an object")
            return
        if "type" not in value:
            ctx.fail(at, "missing required field: type")
            return
        rule = table.get(value["type"]) if isinstance(value["type"], str) else None
        if rule is None:
            ctx.fail(f"{at}/type", f"unsupported {what}: {value['type']}")
        else:
            rule(ctx, value, at)

    return check


def rule(test: Callable[[Json], bool], words: str, where: str = "") -> Check:
    """A rule over a whole object: a fault with these words unless `test` holds."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if not test(value):
            ctx.fail(f"{at}/{where}" if where else at, words)

    return check


def only_on(*surfaces: Surface) -> Check:
    """A rule that refuses the object outside some surfaces."""

    def check(ctx: Context, value: Any, at: str) -> None:
        if ctx.surface not in surfaces:
            ctx.fail(f"{at}/type", f"unsupported type: {value['type']}")

    return check


def anything(_ctx: Context, _value: Any, _at: str) -> None:
    """No rule."""
