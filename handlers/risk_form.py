"""The form for one risk, opened on top of a report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from reporting.interactions import ChoiceField, DateField, Form, TextField
from reporting.messages import Note, Option, Plain
from reporting.model import Risk, RiskResponse
from reporting.texts import Texts

_SCALE = tuple(str(n) for n in range(1, 6))


def draw(texts: Texts, values: Mapping[str, Any], context: Mapping[str, Any], name: str, again: bool = False) -> Form:
    """The form.

    Args:
        context: of the report beneath.
        name: the risk's id, or the name of a new one in the draft.
        again: the values were typed before, and the form was closed without keeping the risk.
    """
    t = texts

    def value(field: str) -> str:
        return str(values.get(field) or "")

    response = value("response") or RiskResponse.REDUCE.value
    return Form(
        id="risk",
        title=t("Risk"),
        items=(
            *((Note((Plain(t("What you typed before is still here.")),)),) if again else ()),
            TextField(
                "title", t("What may happen"), value("title"), hint=t("Cause and effect, in one sentence."), live=True
            ),
            ChoiceField("probability", t("Probability"), _probabilities(t), value("probability") or None, live=True),
            ChoiceField("impact", t("Impact"), _impacts(t), value("impact") or None, live=True),
            TextField("owner", t("Owner"), value("owner"), live=True),
            DateField("due", t("Next review or due"), value("due"), optional=True, live=True),
            ChoiceField("response", t("Response"), _responses(t), response, live=True),
            TextField(
                "mitigation", t("What we do about it"), value("mitigation"), optional=True, multiline=True, live=True
            ),
        ),
        submit=t("Keep risk"),
        close=t("Back"),
        context=dict(context) | {"r": name},
    )


def check(texts: Texts, values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, by field id."""
    errors = {}
    if not str(values.get("title") or "").strip():
        errors["title"] = texts("What may happen?")
    if not str(values.get("owner") or "").strip():
        errors["owner"] = texts("Who looks after it?")
    for name in ("probability", "impact"):
        if values.get(name) not in _SCALE:
            errors[name] = texts("Choose 1 to 5.")
    if values.get("due") and not _is_day(str(values["due"])):
        errors["due"] = texts("A date, or clear it.")
    return errors


def values_of(risk: Risk) -> dict[str, str]:
    """A risk as form values."""
    return {
        "title": risk.title,
        "probability": str(risk.probability),
        "impact": str(risk.impact),
        "owner": risk.owner,
        "due": risk.due.isoformat() if risk.due else "",
        "response": risk.response.value,
        "mitigation": risk.mitigation,
    }


def _probabilities(t: Texts) -> tuple[Option, ...]:
    return _options((t("1, rare"), t("2, unlikely"), t("3, possible"), t("4, likely"), t("5, almost certain")))


def _impacts(t: Texts) -> tuple[Option, ...]:
    return _options((t("1, negligible"), t("2, minor"), t("3, moderate"), t("4, major"), t("5, severe")))


def _responses(t: Texts) -> tuple[Option, ...]:
    labels = {
        RiskResponse.AVOID: t("Avoid"),
        RiskResponse.REDUCE: t("Reduce"),
        RiskResponse.TRANSFER: t("Transfer"),
        RiskResponse.ACCEPT: t("Accept"),
    }
    return tuple(Option(response.value, label) for response, label in labels.items())


def _options(labels: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(Option(str(n), label) for n, label in enumerate(labels, 1))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
