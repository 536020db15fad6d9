"""What Slack would post: report forms as leads fill them in, and commands as they type them."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from benchmarks.world import TEAM, lead
from handlers.desk import Desk
from handlers.slack.forms import draw_form
from handlers.slack.words import Words
from reporting.interactions import Click, Form, OpenForm, Submission, UpdateForm
from reporting.model import Identity
from reporting.services.context import Services

Json = dict[str, Any]
_COLOURS = ("green",) * 14 + ("amber",) * 4 + ("red",) * 2
_QUESTIONS = ("", "red", "amber worse", "mine", "missing", "risks", "P00042", "history P00007")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request ready to be signed.

    Attributes:
        key: (project id, period id, headline) of a submission, to look for it afterwards.
    """

    body: str
    key: tuple[int, int, str] | None = None


def submissions(services: Services, period_id: int, leads: Sequence[tuple[int, int]], seed: int) -> Iterator[Sent]:
    """One filled form for each (lead's number, project id), as the product itself draws it."""
    desk, rng = Desk(services), random.Random(seed)
    for n, project_id in leads:
        yield _submission(desk, lead(n), period_id, project_id, rng)


def _submission(desk: Desk, who: Identity, period_id: int, project_id: int, rng: random.Random) -> Sent:
    reply = desk.click(Click("report.open", f"{period_id}:{project_id}", who, "message"))
    (opened,) = reply
    assert isinstance(opened, OpenForm), reply
    rag, headline = rng.choice(_COLOURS), f"Project {project_id} goes on: {rng.random():.9f}."
    form = opened.form
    if rag != "green":
        form = _with_path(desk, who, form, rag)
    view = draw_form(form, {}, Words(), new_blocks=True)
    typed = {
        "rag": rag, "summary": headline, "reason": "The supplier is late.", "path_action": "Second supplier signed",
        "path_owner": "Ana", "path_due": "2027-01-29", "done": "First module delivered and accepted. " * 4,
        "next": "Second module into verification. " * 3,
    }  # fmt: skip
    values = {b["block_id"]: {b["element"]["action_id"]: _entry(b["element"], typed)} for b in _inputs(view)}
    serial = f"V{project_id:08}"
    view |= {
        "id": serial, "hash": f"1.{project_id}", "team_id": TEAM, "app_id": "A0PLAY", "bot_id": "B0PLAY",
        "root_view_id": serial, "previous_view_id": None, "external_id": "", "state": {"values": values},
    }  # fmt: skip
    payload: Json = {
        "type": "view_submission", "user": {"id": who.user_id, "username": who.user_id, "team_id": TEAM},
        "api_app_id": "A0PLAY", "token": "legacy", "team": {"id": TEAM, "domain": "acme"}, "enterprise": None,
        "is_enterprise_install": False, "trigger_id": f"{project_id}.{rng.random()}", "view": view, "response_urls": [],
    }  # fmt: skip
    return Sent(urlencode({"payload": json.dumps(payload, ensure_ascii=False)}), (project_id, period_id, headline))


def _with_path(desk: Desk, who: Identity, form: Form, rag: str) -> Form:
    drawn = desk.typing(Submission(form.id, who, {"rag": rag}, form.context, "view:1"))
    return next(effect.form for effect in drawn if isinstance(effect, UpdateForm))


def _inputs(view: Json) -> Iterator[Json]:
    return (block for block in view["blocks"] if block["type"] == "input")


def _entry(element: Json, typed: dict[str, str]) -> Json:
    kind, wanted = element["type"], typed.get(element["action_id"])
    match kind:
        case "radio_buttons" | "static_select":
            every = element.get("options") or [o for group in element["option_groups"] for o in group["options"]]
            chosen = [option for option in every if option["value"] == wanted] or [element.get("initial_option")]
            return {"type": kind, "selected_option": chosen[0]}
        case "checkboxes" | "multi_static_select":
            return {"type": kind, "selected_options": []}
        case "datepicker":
            return {"type": kind, "selected_date": wanted or element.get("initial_date")}
        case "users_select":
            return {"type": kind, "selected_user": element.get("initial_user")}
        case _:
            return {"type": kind, "value": wanted or element.get("initial_value")}


def commands(count: int, leads: int, answers_to: str, seed: int) -> Iterator[Sent]:
    """Questions of all kinds, by leads in turn."""
    rng = random.Random(seed)
    for n in range(count):
        who = lead(rng.randrange(leads)).user_id
        fields = {
            "token": "legacy", "team_id": TEAM, "team_domain": "acme", "channel_id": "CLEADERSHIP",
            "channel_name": "leadership", "user_id": who, "user_name": who, "command": "/rag",
            "text": rng.choice(_QUESTIONS), "api_app_id": "A0PLAY", "is_enterprise_install": "false",
            "response_url": answers_to, "trigger_id": f"{n}.{rng.random()}",
        }  # fmt: skip
        yield Sent(urlencode(fields))
