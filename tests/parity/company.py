"""A company that lives through two weeks, and everything in it that somebody can read or fill in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.engine.endings import Endings, Words, compose_ending
from bot.engine.notice import compose_notice
from handlers.slack.remedies import remedy, when_ended
from handlers.teams.remedies import remedy as teams_remedy
from handlers.teams.remedies import when_ended as teams_when_ended
from reporting.grammar import parse
from reporting.interactions import OpenForm, Reply, Say, ShowHome, UpdateForm, UserRef
from reporting.ledger import DeliveryState
from reporting.model import Identity, Method
from reporting.ports import Profile
from reporting.query import Query
from reporting.services import planning
from reporting.services.compose import compose
from reporting.services.outbox import NO_ACCOUNT, UNCERTAIN
from reporting.services.undelivered import plan_notice
from tests.catalogue.greek import buttons
from tests.catalogue.test_every_text import LINES
from tests.parity.drawing import Subject
from tests.reporting.asking import NEWEST, returns, risk
from tests.support.policy import make_policy
from tests.support.world import World, errors_of, form_of

PEOPLE = ("ana", "anna", "carl", "emil")
MORE_LINES = ("", "history BEAM", "risks", "trend", "export xlsx", "project edit CORE", "absence @emil", "red green")


@dataclass
class Gathered:
    """What was seen, by name, in the order in which it was first seen; each different one once.

    Attributes:
        tables: every drawing of a name, by its own text.
    """

    world: World
    tables: dict[str, dict[str, Subject]] = field(default_factory=dict)

    def keep(self, name: str, subject: Subject | None) -> None:
        """Note one."""
        if subject is not None:
            self.tables.setdefault(name, {}).setdefault(repr(subject), subject)

    def deliveries(self) -> None:
        """Everything planned or sent, as it reads now."""
        for delivery in self.world.deliveries(""):
            if delivery.kind not in ("undeliverable", "ended"):
                self.keep(f"message {delivery.kind}", compose(self.world.services, delivery))

    def reply(self, name: str, reply: Reply) -> Reply:
        """Everything that an answer shows."""
        for effect in reply:
            match effect:
                case Say(message):
                    self.keep(name, message)
                case OpenForm(form) | UpdateForm(form):
                    self.keep(f"form {form.id}", form)
                case ShowHome(home):
                    self.keep("home", home)
        return reply

    def crawl(self, name: str, most: int = 100) -> None:
        """Ask everything, and press every button of the answers, of what comes up then, and so on."""
        pressed: set[tuple[str, str]] = set()
        waiting = list(self._asked(name))
        while waiting and len(pressed) < most:
            reply = waiting.pop(0)
            form = next((e.form for e in reply if isinstance(e, OpenForm | UpdateForm)), None)
            state = self.world.submission(name, form) if form else None
            for action, value in buttons(reply):
                if (action, value) not in pressed:
                    pressed.add((action, value))
                    clicked = self.world.click(name, action, value, form=state)
                    waiting.append(self.reply("answer to a button", clicked))

    def _asked(self, name: str) -> Iterator[Reply]:
        for line in (*LINES, *MORE_LINES):
            query = parse(line)
            asked = f"answer {query.verb.value}" if isinstance(query, Query) else "answer fault"
            yield self.reply(asked, self.world.command(name, line))
        yield self.reply("home", self.world.desk.home(self.world.identity(name)))
        prompts = [compose(self.world.services, delivery) for delivery in self.world.deliveries("prompt:")]
        yield tuple(Say(message) for message in prompts if message)


def company(folder: Path) -> World:
    """ATLAS and BEAM (agile, with fields of its own) of Ana, CORE and DELTA of Ben; PMO Anna, executive Carl."""
    world = World(folder, make_policy(pmo_channel="C_PMO"))
    for name in ("ana", "ben", "carl", "anna", "emil"):
        world.person(name)
    for key, lead in (("ATLAS", "ana"), ("BEAM", "ana"), ("CORE", "ben"), ("DELTA", "ben")):
        method = Method.AGILE if key == "BEAM" else Method.HYBRID
        world.project(key, lead, sponsor="carl", deputy="emil", method=method)
    world.start()
    return world


def lived(folder: Path) -> Gathered:
    """Two weeks of it."""
    world = company(folder)
    seen = Gathered(world)
    for key, letters in (("ATLAS", "GGGG"), ("BEAM", "GAA"), ("CORE", "RRG"), ("DELTA", "GG-")):
        returns(world, key, letters, newest=NEWEST - timedelta(weeks=1))
    world.go("2026-11-23", "09:00")
    seen.deliveries()
    risk(world, "ATLAS", "Helium may run out before the test", 4, 4, owner="Ana")
    _forms(seen)
    asked = {"decision_question": "Who pays?", "decision_of": UserRef(world.identity("carl"))}
    _reported(seen, "ana", "ATLAS", "red", **asked)
    seen.deliveries()
    for name in PEOPLE:
        seen.crawl(name)
    _reported(seen, "ana", "BEAM", "amber", custom_phase="Alpha", custom_velocity="21")
    _reported(seen, "ben", "CORE", "green")
    world.go("2026-11-26", "12:00")
    seen.deliveries()
    world.go("2026-11-27", "16:00")
    world.arrive()
    seen.deliveries()
    _decided(seen)
    _away(seen)
    seen.deliveries()
    _reported(seen, "ben", "DELTA", "amber")
    world.go("2026-12-01", "12:00")
    world.click("carl", "alert.ack", "1")
    seen.deliveries()
    _reported(seen, "ana", "ATLAS", "green")
    world.go("2026-12-08", "12:00")
    seen.deliveries()
    _undelivered(seen)
    _ended(seen)
    _accounts(seen)
    return seen


def large(folder: Path, projects: int = 60) -> Gathered:
    """A company with so many projects that messages become long: its digest, its answers and a busy lead's home."""
    world = World(folder)
    for name in ("ana", "ben", "carl", "anna"):
        world.person(name)
    for number in range(projects):
        world.project(f"P{number:03}", "ana" if number % 3 else "ben", sponsor="carl")
    world.start()
    world.go("2026-11-23", "09:00")
    for number in range(projects):
        returns(world, f"P{number:03}", "RAG"[number % 3] + "GAR"[number % 2 : number % 2 + 2], NEWEST)
    seen = Gathered(world)
    world.clock.set(world.at("2026-11-27", "16:00"))
    # Nobody has looked at the clock, so the digest is overdue and can be sent by hand.
    seen.reply("answer digest preview", world.command("anna", "digest preview"))
    world.tick()
    seen.deliveries()
    seen.reply("answer overview", world.command("anna", ""))
    seen.reply("home", world.desk.home(world.identity("ana")))
    return seen


def _reported(seen: Gathered, name: str, key: str, rag: str, **more: Any) -> None:
    reply = seen.reply("answer to a form", seen.world.report(name, key, rag, f"{key} is {rag}.", **more))
    assert not errors_of(reply), reply


def _forms(seen: Gathered) -> None:
    """The report of a lead who chooses red, and adds a risk to it."""
    world = seen.world
    wanted = f"{world.period_id('ATLAS')}:{world.projects['ATLAS'].id}"
    form = form_of(seen.reply("form", world.click("ana", "report.open", wanted)))
    form = form_of(seen.reply("form", world.desk.typing(world.submission("ana", form, rag="red"))))
    added = form_of(seen.reply("form", world.click("ana", "risk.add", "", form=world.submission("ana", form))))
    values = {"title": "Delay", "probability": "4", "impact": "5", "owner": "Ana", "mitigation": "Another supplier."}
    seen.reply("answer to a form", world.submit("ana", added, **values))
    form = world.open_report("ana", "ATLAS")
    for action, value in buttons((form,)):
        seen.reply("answer to a button", world.click("ana", action, value, form=world.submission("ana", form)))


def _decided(seen: Gathered) -> None:
    """The executive answers the lead's question."""
    world = seen.world
    told = tuple(m for kind in seen.tables.values() for m in kind.values())
    value = next(value for action, value in buttons(told) if action == "decision.open")
    form = form_of(seen.reply("form", world.click("carl", "decision.open", value)))
    seen.reply("answer to a form", world.submit("carl", form, outcome="decided", words="The portfolio pays."))


def _away(seen: Gathered) -> None:
    """A lead is away, and looks at the form again."""
    world = seen.world
    asked = ("ben", "absence.open", str(world.people["ben"].id))
    form = form_of(seen.reply("form", world.click(*asked)))
    seen.reply("answer to a form", world.submit("ben", form, first="2026-12-21", last="2026-12-23"))
    seen.reply("form", world.click(*asked))


def _accounts(seen: Gathered) -> None:
    """A second account of Ana turns up: asked, confirmed, chosen, given up."""
    world = seen.world
    second = Identity("teams", "tenant", "entra-ana")
    assert world.desk.meet(Profile(second, "Ana (Teams)", "ana@labs.example", None, None, active=True))
    seen.deliveries()
    for name, line in (("ana", "me"), ("anna", "person ana@labs.example"), ("anna", "person ben")):
        query = parse(line)
        assert isinstance(query, Query)
        seen.reply(f"answer {query.verb.value}", world.command(name, line))
    told = tuple(one for kind in seen.tables.values() for one in kind.values())
    question = next(value for action, value in buttons(told) if action == "account.confirm")
    seen.reply("answer to a button", world.click("ana", "account.confirm", question))
    seen.reply("answer me", world.command("ana", "me"))
    seen.deliveries()


def _undelivered(seen: Gathered) -> None:
    world = seen.world
    failed, unsure, *_ = world.deliveries("prompt")
    with world.store.begin() as uow:
        for one, error in ((failed, NO_ACCOUNT), (replace(unsure, platform="teams"), f"{UNCERTAIN}: no_answer")):
            given_up = replace(one, state=DeliveryState.FAILED, error=error, failed_at=world.clock.now())
            uow.deliveries.save(given_up, one.attempt)
        why = {"reason": planning.SUPERSEDED}
        uow.audit.append(world.clock.now(), "system", "schedule.skipped", "digest:leadership:2026-11-23", None, why)
        plan_notice(uow, world.services.policy, world.clock.now())
    remedies = {"slack": remedy, "teams": teams_remedy}
    for notice in world.deliveries("undeliverable"):
        seen.keep("message undeliverable", compose_notice(world.services, notice, remedies))


def _ended(seen: Gathered) -> None:
    world = seen.world
    words = {"slack": Words("Slack", when_ended), "teams": Words("Microsoft Teams", teams_when_ended)}
    Endings(world.services, words).note({"teams": "invalid_client"})
    for told in world.deliveries("ended:"):
        seen.keep("message ended", compose_ending(world.services, told, words))
