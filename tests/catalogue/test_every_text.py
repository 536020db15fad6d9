"""Nobody reads a word that is not in the catalogue: a week lived in a made-up language, every button pressed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.engine.endings import Endings, compose_ending
from bot.engine.endings import Words as EndWords
from bot.engine.notice import compose_notice
from bot.engine.outlets import NOT_SET_UP
from handlers.slack.errors import BY_METHOD, COMMON
from handlers.slack.remedies import remedy, when_ended
from handlers.slack.words import Words
from handlers.teams.remedies import remedy as teams_remedy
from handlers.teams.remedies import when_ended as teams_when_ended
from reporting.interactions import Command
from reporting.ledger import DeliveryState
from reporting.model import Identity
from reporting.ports import Profile
from reporting.services import planning
from reporting.services.compose import compose
from reporting.services.outbox import NO_ACCOUNT
from reporting.services.undelivered import plan_notice
from reporting.texts import Catalogues
from tests.catalogue.greek import Reader, company
from tests.catalogue.texts import CLOSE, LOCALE, OPEN, extracted, pseudo
from tests.support.world import World, form_of

LINES = (
    "", "red", "amber", "green", "missing", "worse", "better", "risks", "risks ATLAS", "mine", "ATLAS", "tlas",
    "BEAM", "history ATLAS", "history", "trend", "trend since:4w", "digest", "digest 2026-01-01", "help",
    "help colours", "remind", "digest preview", "digest send", "digest nothing", "project add", "project edit ATLAS",
    "absence", "absence @ben", "absence @nobody", "export", "export csv history", "export xlsx", "red since:4w",
    "portfolio:imaging lead:@ana worse", "portfolio:nowhere", "lead:@nobody", "risk:>=12", "risk:many", "since:soon",
    "me", "person", "person @ben", "person @nobody", "colour:blue", "state:paused", "red green worse better", "atlsa",
    "nothing like it", "page:9",
)  # fmt: skip
GREEK = {
    "reason": "Ο προμηθευτής αργεί.",
    "path_action": "Δεύτερος προμηθευτής",
    "path_owner": "Άννα",
    "done": "Έγινε.",
    "next": "Μετά.",
    "missed": "Χάθηκε.",
    "velocity": "21",
    "phase": "Άλφα",
    "demo_on": "2026-12-18",
    "percent": "60",
    "forecast_end": "2027-03-31",
    "decision": "Ποιος πληρώνει;",
}


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the made-up language."""
    return pseudo(extracted(tmp_path_factory.mktemp("pot")), tmp_path_factory.mktemp("locales"))


@pytest.fixture
def reader(tmp_path: Path, locales: Path) -> Reader:
    """The company, and somebody who looks at everything in it."""
    world = company(tmp_path, locales)
    return Reader(world, Words(world.services.catalogues.texts(LOCALE)))


def test_the_adapters_own_words(locales: Path) -> None:
    said = vars(Words(Catalogues(LOCALE, locales).texts(LOCALE)))
    assert len(said) > 20
    assert [name for name, text in said.items() if (text[0], text[-1]) != (OPEN, CLOSE)] == []


def test_the_eye_sees_what_is_not_translated(reader: Reader) -> None:
    reader.look("here", {"text": f"{OPEN}ok {OPEN}ok{CLOSE} ok{CLOSE} Hello Άννα", "value": "hidden"})
    assert reader.leaks == {"Hello": f"here: {OPEN}ok {OPEN}ok{CLOSE} ok{CLOSE} Hello Άννα"}


def test_two_weeks(reader: Reader) -> None:
    world = reader.world
    world.go("2026-11-23", "09:00")
    reader.deliveries()
    _report(world, "ana", "ATLAS", "red")
    _risk(reader)
    _report(world, "ana", "BEAM", "amber")
    reader.deliveries()
    world.go("2026-11-26", "12:00")
    reader.deliveries()
    world.go("2026-11-27", "16:00")
    reader.deliveries()
    _report(world, "ben", "CORE", "green")
    reader.deliveries()
    assert world.deliveries("digest")
    world.go("2026-12-01", "12:00")
    world.click("carl", "alert.ack", "1")
    reader.deliveries()
    _report(world, "ana", "ATLAS", "green")
    _report(world, "ana", "BEAM", "amber")
    world.go("2026-12-08", "12:00")
    reader.deliveries()
    kinds = {d.kind for d in world.deliveries("")}
    assert kinds >= {"prompt", "reminder", "alert", "digest"}
    assert _alert_rules(world) >= {"turned_red", "amber_long", "high_risk", "silent"}
    assert not reader.leaks, reader.leaks
    assert reader.seen > 1000


@pytest.mark.parametrize("name", ["ana", "carl", "anna", "emil"])
def test_every_question_and_every_button(reader: Reader, name: str) -> None:
    world = reader.world
    world.go("2026-11-23", "09:00")
    _report(world, "ana", "ATLAS", "red")
    _risk(reader)
    world.go("2026-11-27", "16:00")
    second = Identity("teams", "tenant", "Ω")
    world.desk.meet(Profile(second, "Άννα", f"{name}@labs.example", None, None, active=True))
    said = [(f"second {line}", world.desk.command(Command(second, line))) for line in ("", "me")]
    for step in ("", "account.refuse", "account.confirm", "account.prefer"):
        if step:
            world.click(name, step, "teams" if step == "account.prefer" else "1")
        reader.deliveries()
        said += [
            (f"{step} me", world.command(name, "me")),
            (step, world.command("anna", f"person {name}@labs.example")),
        ]
        said += [(f"{step} home", world.desk.home(world.identity("anna"))), (step, world.desk.home(second))]
    for where, reply in said:
        reader.reply(where, reply)
    replies: list[tuple[str, Any]] = [(f"/rag {line}", world.command(name, line)) for line in LINES]
    replies.append(("home", world.desk.home(world.identity(name))))
    prompts: Any = tuple(m for d in world.deliveries("") if (m := _composed(world, d)))
    reader.crawl(name, [*replies, ("a message", prompts)])
    for action, value in (("nothing.such", ""), ("report.open", "9:9"), ("text.more", "9"), ("decision.open", "9"),
                          ("alert.ack", "9"), ("report.unchanged", "9"), ("request.snooze", "9:9")):  # fmt: skip
        reader.reply(action, world.click(name, action, value))
    assert not reader.leaks, reader.leaks
    assert reader.seen > 500


TEAMS_ERRORS = [
    *("not_installed", "MessageWritesBlocked", "BotNotInConversationRoster", "ConversationNotFound", "http_403"),
    *("MemberNotFoundInConversation", "BotDisabledByAdmin", "app_not_in_catalog", "the team was archived", "what"),
    *("the channel was deleted", "uncertain: no_answer"),
]
ERRORS = [*COMMON, *BY_METHOD["chat.postMessage"], "missing_scope: needs the scope chat:write", "what"]


def test_what_to_do_about_every_refusal(reader: Reader) -> None:
    t = reader.world.services.catalogues.texts(LOCALE)
    for error in ERRORS:
        reader.look(error, {"text": remedy(t, error)})
    for error in TEAMS_ERRORS:
        reader.look(error, {"text": teams_remedy(t, error)})
    assert not reader.leaks, reader.leaks


@pytest.mark.parametrize(
    ("platform", "error"),
    [
        ("", NO_ACCOUNT),
        ("slack", "channel_not_found"),
        ("teams", "uncertain: no_answer"),
        ("", NOT_SET_UP),
        ("gone", "what"),
    ],
)
def test_the_notice_to_the_pmo(reader: Reader, platform: str, error: str) -> None:
    world = reader.world
    world.go("2026-11-23", "09:00")
    [failed, *_] = world.deliveries("prompt")
    with world.store.begin() as uow:
        given_up = replace(
            failed, state=DeliveryState.FAILED, error=error, failed_at=world.clock.now(), platform=platform
        )
        uow.deliveries.save(given_up, failed.attempt)
        for what, why in (("period:weekly:2026-11-16", ""), ("digest:weekly:2026-11-16", planning.SUPERSEDED),
                          ("digest:weekly:2026-11-23", "too old")):  # fmt: skip
            uow.audit.append(world.clock.now(), "system", "schedule.skipped", what, None, {"reason": why})
        uow.audit.append(world.clock.now(), "system", "delivery.skipped", f"delivery:{failed.key}")
        plan_notice(uow, world.services.policy, world.clock.now())
    [notice] = world.deliveries("undeliverable")
    reader.message("notice", compose_notice(world.services, notice, {"slack": remedy, "teams": teams_remedy}))
    assert not reader.leaks, reader.leaks


@pytest.mark.parametrize(
    ("platform", "code"),
    [
        ("slack", "token_revoked"),
        ("slack", "token_expired"),
        ("slack", "invalid_auth"),
        ("teams", "invalid_client"),
        ("teams", "invalid_grant"),
        ("teams", "http_401"),
    ],
)
def test_what_the_pmo_is_told_of_an_end(reader: Reader, platform: str, code: str) -> None:
    world = reader.world
    world.go("2026-11-23", "09:00")
    with world.store.begin() as uow:
        anna = uow.people.by_email("anna@labs.example")
        assert anna is not None
        uow.people.save(replace(anna, identities=(*anna.identities, Identity("teams", "T1", "anna"))))
    words = {"slack": EndWords("Slack", when_ended), "teams": EndWords("Microsoft Teams", teams_when_ended)}
    Endings(world.services, words).note({platform: code})
    [told] = world.deliveries("ended:")
    reader.message(code, compose_ending(world.services, told, words))
    assert not reader.leaks, reader.leaks


# ---------------------------------------------------------------- what people do


def _report(world: World, name: str, key: str, rag: str) -> None:
    form = world.open_report(name, key)
    drawn = {item.id for item in form.items if hasattr(item, "id")}
    more = {field: value for field, value in GREEK.items() if field in drawn}
    if rag != "green":
        more |= {k: v for k, v in GREEK.items() if k.startswith(("reason", "path"))}
    if "edit_reason" in drawn:
        more["edit_reason"] = "Λάθος."
    reply = world.report(name, key, rag, "Όλα καλά.", **more)
    assert "FieldErrors" not in repr(reply), reply


def _risk(reader: Reader) -> None:
    """A new risk of BEAM, with score 20, typed and kept with its report."""
    world = reader.world
    form = world.open_report("ana", "ATLAS")
    risk = form_of(reader.reply("risk", world.click("ana", "risk.add", "", form=world.submission("ana", form))))
    values = {"title": "Καθυστέρηση", "probability": "4", "impact": "5", "owner": "Άννα", "mitigation": "Μέτρα."}
    reader.reply("risk sent", world.submit("ana", risk, **values))
    form = world.open_report("ana", "ATLAS")
    more = {"edit_reason": "Λάθος."} if any(getattr(i, "id", "") == "edit_reason" for i in form.items) else {}
    reader.reply("report with a risk", world.submit("ana", form, **more))


def _composed(world: World, delivery: Any) -> Any:
    return compose(world.services, delivery)


def _alert_rules(world: World) -> set[str]:
    with world.store.read() as uow:
        found = [uow.escalations.get(d.subject["escalation"]) for d in world.deliveries("alert:")]
    return {alert.rule for alert in found if alert is not None}
