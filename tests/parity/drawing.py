"""One neutral message, form or home through both renderers, and what of it stands on each side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from handlers.desk import OPENS
from handlers.slack import forms as slack_forms
from handlers.slack import render as slack
from handlers.slack.actions import decode, is_link
from handlers.slack.words import Words as SlackWords
from handlers.teams.forms import Recipient, draw_form
from handlers.teams.render import Account, render, render_home
from handlers.teams.words import Words as TeamsWords
from reporting.interactions import Form, Home
from reporting.messages import Block, Button, Chart, Mention, Menu, Message
from reporting.model import Identity
from tests.handlers.teams.kit import KEY, cards, elements, texts

Json = dict[str, Any]
Subject = Message | Form | Home
SAID = {"text", "label", "name", "title", "caption", "columns", "description", "placeholder", "hint", "confirm"}
SLACK_SAID = {"text", "caption", "title", "label", "placeholder", "description", "hint", "initial_value", "name",
              "initial_date"}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """What one side made of it.

    Attributes:
        pieces: posts or cards, each as JSON values.
        words: every text a reader can come to see, without gaps.
        presses: what can be pressed or chosen, as (action, value), or (url, address).
        asks: ids of the fields that can be filled in.
        people: how many people are mentioned.
    """

    pieces: list[Json]
    words: str
    presses: set[tuple[str, str]]
    asks: set[str]
    people: int


@dataclass(frozen=True)
class Pair:
    """Both sides, and what was there to be drawn."""

    subject: Subject
    slack: Drawn
    teams: Drawn

    def lost(self) -> list[str]:
        """What stands on one side alone, or on neither, with the side that lacks it; empty as it should be."""
        lost = [f"Slack lacks {what}" for what in self._lacking(self.slack, _said(self.subject))]
        # Teams carries the words of a chart beside it, for clients that draw none.
        said = [*_said(self.subject), *_beside_charts(self.subject)]
        return lost + [f"Teams lacks {what}" for what in self._lacking(self.teams, said)]

    def _lacking(self, drawn: Drawn, said: Iterable[str]) -> list[str]:
        words = [text for text in said if same(text) not in drawn.words]
        presses = [f"the button {action} {value}" for action, value in sorted(self.presses - drawn.presses)]
        return [*words, *presses, *(f"the field {name}" for name in sorted(self.asks - drawn.asks))]

    @property
    def presses(self) -> set[tuple[str, str]]:
        """Everything that can be pressed or chosen."""
        return set(_pressed(self.subject))

    @property
    def asks(self) -> set[str]:
        """The fields that can be filled in."""
        items = self.subject.items if isinstance(self.subject, Form) else ()
        return {item.id for item in items if not isinstance(item, Block) and getattr(item, "options", True)}


def same(text: str) -> str:
    """Without gaps and invisible helpers."""
    return "".join(text.replace("\u2060", "").split())


def both(subject: Subject, people: dict[int, str]) -> Pair:
    """Draws it on both sides for somebody to whom everybody has an account.

    Args:
        people: names by person id.
    """
    return Pair(subject, _slack(subject, people), _teams(subject, people))


# ---------------------------------------------------------------- Slack


def _slack(subject: Subject, people: dict[int, str]) -> Drawn:
    users, words = {number: f"U{number:03}" for number in people}, SlackWords()
    match subject:
        case Message():
            made = slack.render(subject, users, words, new_blocks=True)
        case Home():
            made = [slack.render_home(subject, users, words, new_blocks=True)]
        case Form():
            made = [slack_forms.draw_form(subject, users, words, new_blocks=True)]
    shown = same("".join(_slack_texts(made)))
    nodes = [node for node in _nodes(made) if isinstance(node.get("type"), str)]
    presses = {press for node in nodes for press in _slack_presses(node)}
    asks = {node["block_id"].partition("~")[0] for node in nodes if node["type"] == "input"}
    return Drawn(made, shown, presses, asks, len({node["user_id"] for node in nodes if node["type"] == "user"}))


def _nodes(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item)


def _slack_texts(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, str) and key in SLACK_SAID:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _slack_texts(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _slack_texts(item, "text" if key == "confirm" else name)


def _slack_presses(node: Json) -> Iterator[tuple[str, str]]:
    if node["type"] == "button":
        if is_link(node["action_id"]):
            yield "url", node["url"]
        else:
            yield decode(node["action_id"], node.get("value", ""))
    elif node["type"] in {"static_select", "overflow"}:
        for option in node.get("options", ()):
            yield decode(node["action_id"], option["value"])


# ---------------------------------------------------------------- Teams


def _teams(subject: Subject, people: dict[int, str]) -> Drawn:
    accounts = {number: Account(f"00000000-0000-4000-8000-{number:012}", name) for number, name in people.items()}
    words, window = TeamsWords(), ""
    match subject:
        case Message():
            made = cards(render(subject, accounts, words, OPENS))
        case Home():
            made = cards(render_home(subject, accounts, words, OPENS))
        case Form():
            to = Recipient(Identity("teams", "t", next(iter(accounts.values())).id), KEY, accounts, words)
            value = draw_form(subject, to, "once")
            made, window = [value["card"]["content"]], value["title"]
    made = json.loads(json.dumps(made))
    nodes = [one for card in made for one in elements(card)]
    shown = same("".join([window, *texts(made), *texts(made, fallback=True), *_more(nodes)]))
    presses = {press for node in nodes for press in _teams_presses(node)}
    asks = {node["id"].split(":", 2)[-1] for node in nodes if node["type"].startswith("Input.")}
    mentioned = {e["mentioned"]["id"] for card in made for e in card.get("msteams", {}).get("entities", ())}
    return Drawn(made, shown, presses, asks, len(mentioned))


def _more(nodes: list[Json]) -> Iterator[str]:
    for node in nodes:
        for key in ("placeholder", "value", "title"):
            if isinstance(node.get(key), str):
                yield node[key]
        yield from (text for text in (node.get("xAxisTitle"), node.get("yAxisTitle")) if text)
        for series in node.get("data", ()) if node["type"].startswith("Chart.") else ():
            yield from (series["legend"], *(point["x"] for point in series["values"]))


def _teams_presses(node: Json) -> Iterator[tuple[str, str]]:
    if node["type"] == "Action.OpenUrl":
        yield "url", node["url"]
    elif node["type"] in {"Action.Submit", "Action.Execute"}:
        ours = node["data"]["rollcall"]
        if "do" in ours:
            yield ours["do"], ours["with"]


# ---------------------------------------------------------------- the neutral side


def _said(value: Any, key: str = "") -> Iterator[str]:
    match value:
        case str() if key in SAID:
            yield value
        case Mention():
            # Drawn as the account's own name.
            pass
        case Menu(options=options):
            yield from _said(options)
        case Chart(title=title):
            yield title
        case tuple():
            for item in value:
                yield from _said(item, key)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for each in fields(value):
                yield from _said(getattr(value, each.name), each.name)


def _beside_charts(subject: Subject) -> Iterator[str]:
    blocks = subject.items if isinstance(subject, Form) else subject.blocks
    for block in blocks:
        if isinstance(block, Chart):
            yield from _said(block.fallback)


def _pressed(value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case Button(url=url) if url:
            yield "url", url
        case Button(action=action, value=argument):
            yield action, argument
        case Menu(action=action, options=options):
            yield from ((action, option.value) for option in options)
        case tuple():
            for item in value:
                yield from _pressed(item)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for each in fields(value):
                yield from _pressed(getattr(value, each.name))
