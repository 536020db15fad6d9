"""A small company all of whose data is Greek, and everything that its people can see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from digests.composer import Composer
from handlers.desk import Desk
from handlers.slack.forms import draw_form
from handlers.slack.render import render, render_home
from handlers.slack.words import Words
from reporting.interactions import FieldErrors, Form, OpenForm, Reply, Say, SendFile, ShowHome, Submission, UpdateForm
from reporting.messages import Button, Menu, Message
from reporting.model import Rag
from reporting.policy import CustomField, DigestPolicy, Dimension, FieldKind, FormPolicy
from reporting.services.compose import compose
from reporting.texts import Catalogues
from tests.catalogue.texts import CLOSE, LOCALE, OPEN
from tests.support.policy import ALERTS, make_policy
from tests.support.world import World

SHOWN = {"text", "title", "caption", "label", "name", "alt_text", "hint", "placeholder", "description", "fallback"}
"""Keys of Slack's blocks whose texts people read."""
_INNERMOST = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_CUT = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*$|^[^{OPEN}{CLOSE}]*{CLOSE}")
_WORD = re.compile(r"[A-Za-z]{2,}")
_TYPED = re.compile(r"/rag[\w /:@>=.-]*|\b(portfolio|lead|since|risk|state|page):\S+|\S+@\S+|U_\w+")
KEYS = frozenset({"ATLAS", "BEAM", "CORE", "DELTA", "Slack", "Microsoft", "Teams"})


def english_in(text: str) -> list[str]:
    """Latin words outside the marks, typed commands and keys left out."""
    before = None
    while before != text:
        before, text = text, _INNERMOST.sub(" ", text)
    # A text shortened for a title or label has lost one of its marks.
    text = _CUT.sub(" ", text)
    text = _TYPED.sub(" ", text)
    return [word for word in _WORD.findall(text) if word not in KEYS]


def policy(locales: Path) -> Any:
    """The tests' policy, with Greek data."""
    definitions = dict.fromkeys(Rag, "Ορισμός του χρώματος.")
    dimensions = (Dimension("schedule", "Χρόνος", "Πώς πάει."), Dimension("cost", "Κόστος", "Πόσο κοστίζει."))
    custom = (
        CustomField("velocity", "Ταχύτητα", FieldKind.NUMBER, digest=True),
        CustomField("phase", "Φάση", FieldKind.CHOICE, choices=("Άλφα", "Βήτα"), digest=True),
        CustomField("demo_on", "Επίδειξη", FieldKind.DATE, digest=True),
        CustomField("owner", "Κάτοχος", FieldKind.PERSON),
    )
    digest = DigestPolicy("Ηγεσία", "C_LEAD", portfolios=("imaging",))
    return make_policy(
        organisation="Εργαστήριο", locale=LOCALE, locales=str(locales), pmo_channel="C_PMO", digests=(digest,),
        alerts=tuple(replace(rule, threshold=2 if rule.name == "amber_long" else rule.threshold) for rule in ALERTS),
        forms=(FormPolicy("default", definitions, dimensions, custom=custom),),
    )  # fmt: skip


@dataclass
class Reader:
    """Looks at everything and writes down what was not translated, with where it was seen."""

    world: World
    words: Words
    leaks: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    def look(self, where: str, payload: Any) -> None:
        """All texts of something drawn for Slack."""
        for text in _texts(payload):
            self.seen += 1
            for word in english_in(text):
                self.leaks.setdefault(word, f"{where}: {text[:160]}")

    def message(self, where: str, message: Message | None) -> None:
        """A message in newest and oldest blocks."""
        for new in (True, False) if message else ():
            self.look(where, render(message, {}, self.words, new))  # type: ignore[arg-type]

    def form(self, where: str, form: Form) -> None:
        """A form."""
        self.look(where, draw_form(form, {}, self.words, new_blocks=True))

    def reply(self, where: str, reply: Reply) -> Reply:
        """All that an answer shows."""
        for effect in reply:
            match effect:
                case Say(message):
                    self.message(where, message)
                case OpenForm(form) | UpdateForm(form):
                    self.form(where, form)
                case FieldErrors(errors):
                    self.look(where, [{"text": text} for text in errors.values()])
                case SendFile(comment=comment):
                    self.look(where, {"text": comment})
                case ShowHome(home):
                    self.look(where, render_home(home, {}, self.words, new_blocks=True))
        return reply

    def deliveries(self) -> None:
        """Everything planned or sent, as it reads now."""
        for delivery in self.world.deliveries(""):
            self.message(delivery.key, compose(self.world.services, delivery))

    def crawl(self, name: str, replies: list[tuple[str, Reply]], most: int = 150) -> None:
        """Press every button of the answers, of what comes up then, and so on."""
        pressed: set[tuple[str, str]] = set()
        waiting = list(replies)
        while waiting and len(pressed) < most:
            where, reply = waiting.pop(0)
            self.reply(where, reply)
            form = next((e.form for e in reply if isinstance(e, OpenForm | UpdateForm)), None)
            state = self.world.submission(name, form) if form else None
            for action, value in buttons(reply):
                if (action, value) not in pressed:
                    pressed.add((action, value))
                    answer = self.world.click(name, action, value, form=state)
                    waiting.append((f"{name} {action} {value}", answer))
            if form is not None and form.submit:
                empty = dict.fromkeys(state.values) if state else {}
                sent = Submission(form.id, self.world.identity(name), empty, form.context, "view:9")
                self.reply(f"{name} sends an empty {form.id}", self.world.desk.submit(sent))


def buttons(value: Any) -> Iterator[tuple[str, str]]:
    """Everything that can be pressed or chosen in a reply."""
    match value:
        case Button(action=action, value=argument, url=""):
            yield action, argument
        case Menu(action=action, options=options):
            yield from ((action, option.value) for option in options)
        case tuple():
            for item in value:
                yield from buttons(item)
        case _ if is_dataclass(value):
            for each in fields(value):
                yield from buttons(getattr(value, each.name))
        case _:
            pass


def _texts(payload: Any, key: str = "") -> Iterator[str]:
    if isinstance(payload, dict) and str(payload.get("type")).startswith("rich_text_section"):
        # A sentence with mentions or colours in it is several elements.
        yield "".join(str(element.get("text", "")) for element in payload["elements"])
    elif isinstance(payload, str) and key in SHOWN:
        yield payload
    elif isinstance(payload, list):
        for item in payload:
            yield from _texts(item, key)
    elif isinstance(payload, dict):
        for name, item in payload.items():
            yield from _texts(item, name)


def company(folder: Path, locales: Path) -> World:
    """ATLAS and BEAM of Άννα, CORE of Βάσω; the PMO is Ήρα, the executive Κώστας."""
    rules = policy(locales)
    world = World(folder, rules)
    catalogues = Catalogues(LOCALE, locales)
    world.services = replace(world.services, catalogues=catalogues, composer=Composer(catalogues, rules))
    world.desk = Desk(world.services)
    for name, greek in (("ana", "Άννα"), ("ben", "Βάσω"), ("anna", "Ήρα"), ("carl", "Κώστας"), ("emil", "Αιμίλιος")):
        world.person(name, locale=LOCALE)
        with world.store.begin() as uow:
            world.people[name] = replace(world.people[name], name=greek)
            uow.people.save(world.people[name])
    with world.store.begin() as uow:
        uow.projects.add_portfolio("imaging", "Απεικόνιση")
        uow.projects.add_portfolio("facilities", "Κτίρια")
    for key, lead in (("ATLAS", "ana"), ("BEAM", "ana"), ("CORE", "ben"), ("DELTA", "ben")):
        world.project(key, lead, sponsor="carl", deputy="emil")
        with world.store.begin() as uow:
            world.projects[key] = replace(world.projects[key], name=f"Έργο {key}", description="Περιγραφή.")
            uow.projects.save(world.projects[key])
    world.start()
    return world
