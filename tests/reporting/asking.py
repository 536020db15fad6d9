"""What the tests of answers share: a portfolio with history, and a look into messages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from reporting.interactions import Reply, Say
from reporting.messages import Actions, Button, ButtonCell, Message, Row, Table
from reporting.model import Rag, Risk
from reporting.services.importing import Row as ImportRow
from reporting.services.importing_reports import import_reports
from tests.support.world import World

COLOURS = {"R": Rag.RED, "A": Rag.AMBER, "G": Rag.GREEN}
NEWEST = date(2026, 11, 23)


def returns(world: World, key: str, letters: str, newest: date = NEWEST, weeks: int = 1, **last: Any) -> None:
    """Import reports of the last periods, oldest first; `-` is a period without one. `last` fills the newest."""
    rows = []
    for back, letter in enumerate(reversed(letters)):
        if letter != "-":
            values = {"project": key, "period": newest - timedelta(weeks=back * weeks), "rag": COLOURS[letter]}
            rows.append(ImportRow(back + 2, values | {"summary": f"{key} {letter}."} | (last if back == 0 else {})))
    done = import_reports(world.services, rows, source="test.csv")
    assert not done.faults, done.faults


def risk(world: World, key: str, title: str, probability: int, impact: int, **more: Any) -> Risk:
    """An open risk of a project."""
    with world.store.begin() as uow:
        return uow.risks.add(
            Risk(0, world.projects[key].id, 0, title, probability, impact, opened_at=world.clock.now(), **more)
        )


def answer(reply: Reply) -> Message:
    """The private answer."""
    (said,) = [effect for effect in reply if isinstance(effect, Say)]
    return said.message


def ask(world: World, name: str, text: str) -> Message:
    """Type a question."""
    return answer(world.command(name, text))


def table(message: Message) -> Table:
    """The answer's table."""
    (found,) = [block for block in message.blocks if isinstance(block, Table)]
    return found


def column(message: Message, name: str) -> list[str]:
    """A column of the answer's table, as text."""
    shown = table(message)
    at = shown.columns.index(name)
    return [text(row[at]) for row in shown.rows]


def keys(message: Message) -> list[str]:
    """The projects of the answer's table, in order."""
    return [line.split()[0] for line in column(message, "Project")]


def text(cell: Any) -> str:
    """A cell, spans or a whole message as text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, tuple):
        return "".join(text(part) for part in cell)
    if isinstance(cell, Message):
        return "\n".join(text(block) for block in cell.blocks)
    if isinstance(cell, ButtonCell):
        return cell.button.label
    if hasattr(cell, "rag"):
        return cell.rag.letter if cell.rag else "–"
    inner = next((n for n in ("text", "name", "ref", "spans", "items", "rows") if hasattr(cell, n)), None)
    return text(getattr(cell, inner)) if inner else ""


def buttons(message: Message) -> list[Button]:
    """All buttons of an answer."""
    found: list[Button] = []
    for block in message.blocks:
        if isinstance(block, Actions):
            found += [element for element in block.elements if isinstance(element, Button)]
        elif isinstance(block, Row) and isinstance(block.element, Button):
            found.append(block.element)
        elif isinstance(block, Table):
            found += [cell.button for row in block.rows for cell in row if isinstance(cell, ButtonCell)]
    return found


def press(world: World, name: str, message: Message, label: str) -> Reply:
    """Press a button of an answer."""
    button = next(b for b in buttons(message) if b.label == label)
    return world.click(name, button.action, button.value)
