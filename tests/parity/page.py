"""docs/parity.md: what differs between Slack and Teams, as both renderers draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handlers.slack.limits import INPUT_CHARS
from reporting.interactions import ChoiceField, Field, Form, Home, PersonField, TextField
from reporting.messages import Block, Menu
from tests.parity.drawing import Drawn, Pair

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
BEGIN, END = "<!-- drawn: begin -->\n", "<!-- drawn: end -->\n"
NAMES = {
    "message prompt": "Prompt, and the receipt that it becomes",
    "message reminder": "Reminder",
    "message alert": "Alert",
    "message digest": "Digest",
    "message digest_detail": "Digest, its thread",
    "message notice": "Notice to a lead",
    "message undeliverable": "What could not be delivered",
    "message ended": "That a chat system has ended the installation",
    "message account": "Question about a second account",
    "answer fault": "Answer to what is not understood",
    "answer to a button": "Answer to a button",
    "answer to a form": "Answer to a form",
    "home": "Home",
    "form report": "Form: status report",
    "form risk": "Form: risk",
    "form unchanged": "Form: nothing changed",
    "form text": "Window: the whole report",
    "form decision": "Form: decision",
    "form project": "Form: project",
    "form absence": "Form: absence",
}


@dataclass(frozen=True)
class Difference:
    """One way in which the two differ.

    Attributes:
        found: whether it is there in a drawing.
        everywhere: true of nearly everything, so not named at each.
    """

    name: str
    slack: str
    teams: str
    found: Callable[[Pair], bool]
    everywhere: bool = False


def differences() -> tuple[Difference, ...]:
    """All that are known."""
    return (*_of_everything(), *_of_messages(), *_of_forms())


def _of_everything() -> Iterator[Difference]:
    yield Difference(
        "Colours", "a tag in the colour with the letter", "a circle in the colour, and the letter",
        lambda pair: "tag" in kinds(pair.slack), everywhere=True,
    )  # fmt: skip
    yield Difference(
        "People", "a mention", "a mention; below the line where the line has signs that cards would read as Markdown",
        lambda pair: pair.teams.people > 0, everywhere=True,
    )  # fmt: skip
    yield Difference(
        "Buttons", "side by side, as many as there are", "at most six in a set, no more in a line than fit on a phone",
        lambda pair: "Action.Execute" in kinds(pair.teams), everywhere=True,
    )  # fmt: skip


def _of_messages() -> Iterator[Difference]:
    yield Difference(
        "More cards", "one post", "several cards: the first says what the replies to it go on with",
        lambda pair: len(pair.teams.pieces) > len(pair.slack.pieces),
    )  # fmt: skip
    yield Difference(
        "More posts", "several posts: the first says what its thread goes on with", "one card",
        lambda pair: len(pair.slack.pieces) > len(pair.teams.pieces),
    )  # fmt: skip
    yield Difference(
        "Menu", "a list to choose from", "buttons: up to three at the end of a line, else unfolding under one button",
        lambda pair: any(isinstance(one, Menu) for one in elements_of(pair)),
    )  # fmt: skip
    yield Difference(
        "Confirmation", "a window asks", "the question and its button unfold under the button",
        lambda pair: any(getattr(one, "confirm", "") for one in elements_of(pair)),
    )  # fmt: skip
    yield Difference(
        "Table", "the reader can sort and page it", "whole, in its order; lines of text on a phone too narrow for it",
        lambda pair: "Table" in kinds(pair.teams),
    )  # fmt: skip
    yield Difference(
        "Chart", "a chart", "a chart; its words where a client draws none, as on phones",
        lambda pair: any(kind.startswith("Chart.") for kind in kinds(pair.teams)),
    )  # fmt: skip
    yield Difference(
        "Channel", "a link to the channel", "its name: cards know no link to a channel",
        lambda pair: "Channel(" in repr(pair.subject),
    )  # fmt: skip
    yield Difference(
        "Beside a button", "somebody named in the line is not mentioned", "a mention",
        lambda pair: pair.slack.people < pair.teams.people,
    )  # fmt: skip


def _of_forms() -> Iterator[Difference]:
    yield Difference(
        "Further questions", "appear as soon as a colour is chosen",
        "appear after Show what else is asked, or after sending; what was typed stays",
        lambda pair: any(isinstance(f, ChoiceField) and f.live and f.style == "radio" for f in fields_of(pair)),
    )  # fmt: skip
    yield Difference(
        "Draft", "kept within a second of typing, and when the window is closed",
        "kept by every button of the dialog; closing it by its cross loses what was typed since",
        lambda pair: isinstance(pair.subject, Form) and pair.subject.tell_close,
    )  # fmt: skip
    yield Difference(
        "Person", "chosen from the workspace", "found by typing, in the organisation's directory",
        lambda pair: any(isinstance(f, PersonField) for f in fields_of(pair)),
    )  # fmt: skip
    yield Difference(
        "Long text", f"several inputs of {INPUT_CHARS:,} characters", "one input",
        lambda pair: any(isinstance(f, TextField) and f.max_length > INPUT_CHARS for f in fields_of(pair)),
    )  # fmt: skip
    yield Difference(
        "Faults", "stand at their fields", "stand on top, and above their fields",
        lambda pair: bool(pair.asks),
    )  # fmt: skip


def kinds(drawn: Drawn) -> set[str]:
    """The types of everything drawn."""
    return set(_kinds(drawn.pieces))


def _kinds(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value["type"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _kinds(item)


def blocks_of(pair: Pair) -> list[Block]:
    """The blocks, of a form too."""
    subject = pair.subject
    items = subject.items if isinstance(subject, Form) else subject.blocks
    return [item for item in items if isinstance(item, Block)]


def fields_of(pair: Pair) -> list[Field]:
    """The fields of a form."""
    items = pair.subject.items if isinstance(pair.subject, Form) else ()
    return [item for item in items if not isinstance(item, Block)]


def elements_of(pair: Pair) -> list[Any]:
    """The buttons and menus."""
    found: list[Any] = []
    for block in blocks_of(pair):
        found += getattr(block, "elements", ())
        found += [element] if (element := getattr(block, "element", None)) else []
        for row in getattr(block, "rows", ()):
            found += [cell.button for cell in row if hasattr(cell, "button")]
    return found


# ---------------------------------------------------------------- the page


def drawn_part(gathered: dict[str, list[Pair]]) -> str:
    """The part of the page that is drawn, with its two tables."""
    known = differences()
    lines = ["| What | Slack | Teams |", "| --- | --- | --- |"]
    lines += [f"| {each.name} | {each.slack} | {each.teams} |" for each in known]
    lines += ["", "## Everything that is drawn", ""]
    lines += ["| What | Drawings | Slack | Teams | Missing | Differs in |", "| --- | --- | --- | --- | --- | --- |"]
    ordered = sorted(gathered.items(), key=lambda item: (item[0].split()[0] != "message", titled(item[0])))
    lines += [_row(titled(name), pairs, known) for name, pairs in ordered]
    return "\n".join(lines) + "\n"


def titled(name: str) -> str:
    """How something is called on the page."""
    return NAMES.get(name) or f"Answer: {name.removeprefix('answer ')}"


def _row(title: str, pairs: list[Pair], known: tuple[Difference, ...]) -> str:
    named = [d.name.lower() for d in known if not d.everywhere and any(d.found(pair) for pair in pairs)]
    missing = sorted({what for pair in pairs for what in pair.lost()})
    slack, teams = _count(pairs, "slack", "post"), _count(pairs, "teams", "card")
    return f"| {title} | {len(pairs)} | {slack} | {teams} | {'; '.join(missing) or '–'} | {', '.join(named) or '–'} |"


def _count(pairs: list[Pair], side: str, piece: str) -> str:
    if all(isinstance(pair.subject, Form) for pair in pairs):
        return "window" if side == "slack" else "dialog"
    if all(isinstance(pair.subject, Home) for pair in pairs) and side == "slack":
        return "view"
    numbers = sorted({len(getattr(pair, side).pieces) for pair in pairs})
    shown = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
    return f"{shown} {piece}{'' if shown == '1' else 's'}"
