"""From what stands in the report form to a report: which fields are wanted, and what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from reporting.model import DecisionAsk, PathToGreen, Rag, StatusReport
from reporting.policy import CustomField, FieldKind, FormPolicy
from reporting.texts import Texts

Values = Mapping[str, Any]

RAG = "rag"
PATH_FIELDS = ("reason", "path_action", "path_owner", "path_due")
DECISION_FIELDS = ("decision_question", "decision_of", "decision_by")
OVERRIDE = "override"
EDIT_REASON = "edit_reason"
PROMISE = "promise"

# A report gets its time when it is recorded.
_NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)


def dimension_id(key: str) -> str:
    """The field id of a dimension."""
    return f"dim_{key}"


def custom_id(key: str) -> str:
    """The field id of a custom field."""
    return f"custom_{key}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the fields that come and go are wanted for the values as they stand."""

    path: bool
    override: bool

    @staticmethod
    def by(values: Values, form: FormPolicy) -> Wanted:
        """Amber and red want a path to green; a dimension worse than the overall colour wants a sentence why."""
        overall = rag_of(values.get(RAG))
        return Wanted(path=overall in (Rag.AMBER, Rag.RED), override=bool(worse_dimensions(values, form)))


def rag_of(value: Any) -> Rag | None:
    """A colour from a field's value."""
    return Rag(value) if value in (Rag.GREEN, Rag.AMBER, Rag.RED) else None


def worse_dimensions(values: Values, form: FormPolicy) -> list[str]:
    """Labels of dimensions worse than the overall colour: the watermelon check."""
    overall = rag_of(values.get(RAG))
    if overall is None or "dimensions" not in form.sections:
        return []
    return [
        d.label
        for d in form.dimensions
        if (colour := rag_of(values.get(dimension_id(d.key)))) and colour.severity > overall.severity
    ]


class EntryCheck:
    """Checks one set of values and builds the report from them."""

    def __init__(self, form: FormPolicy, texts: Texts, today: date, editing: bool) -> None:
        """`editing`: an earlier revision stands, so a reason for the change is wanted."""
        self._form = form
        self._t = texts
        self._today = today
        self._editing = editing
        self.errors: dict[str, str] = {}

    def report(self, values: Values, project_id: int, period_id: int) -> StatusReport:
        """The report; complete only when `errors` stays empty."""
        wanted = Wanted.by(values, self._form)
        rag = rag_of(values.get(RAG))
        if rag is None:
            self.errors[RAG] = self._t("Choose green, amber or red.")
        return StatusReport(
            id=0,
            project_id=project_id,
            period_id=period_id,
            revision=0,
            author_id=None,
            at=_NOT_YET,
            rag=rag,
            summary=self._summary(values),
            reason=self._required("reason", values, self._t("One sentence: why is it not green?"), wanted.path),
            dimensions=self._dimensions(values),
            done=text_of(values, "done"),
            next=text_of(values, "next"),
            missed=text_of(values, "missed"),
            forecast_end=self._date("forecast_end", values),
            percent=self._percent(values),
            path=self._path(values) if wanted.path else None,
            decision=self._decision(values),
            override=self._override(values, wanted),
            custom=self._custom(values),
            promise_kept=text_of(values, PROMISE),
            edit_reason=self._required(
                EDIT_REASON, values, self._t("Say in a few words what you correct."), self._editing
            ),
        )

    def _summary(self, values: Values) -> str:
        limit = self._form.summary_max
        text = self._required("summary", values, self._t("One sentence for leadership."), True)
        if len(text) > limit:
            self.errors["summary"] = self._t(
                "{length} characters; {limit} fit here. The rest can go to the longer fields below.",
                length=len(text),
                limit=limit,
            )
        return text

    def _required(self, name: str, values: Values, error: str, wanted: bool) -> str:
        text = text_of(values, name)
        if wanted and not text:
            self.errors[name] = error
        return text if wanted else ""

    def _override(self, values: Values, wanted: Wanted) -> str:
        names = ", ".join(worse_dimensions(values, self._form))
        error = self._t("{names} is worse than the overall colour. One sentence why that is right.", names=names)
        return self._required(OVERRIDE, values, error, wanted.override)

    def _dimensions(self, values: Values) -> dict[str, Rag]:
        found = {d.key: rag_of(values.get(dimension_id(d.key))) for d in self._form.dimensions}
        return {key: rag for key, rag in found.items() if rag is not None}

    def _path(self, values: Values) -> PathToGreen | None:
        action = self._required("path_action", values, self._t("What brings it back to green?"), True)
        owner = self._required("path_owner", values, self._t("Who does it?"), True)
        due = self._date("path_due", values)
        if due is None and "path_due" not in self.errors:
            self.errors["path_due"] = self._t("By which day?")
        if due is not None and due < self._today:
            self.errors["path_due"] = self._t("A date from today on.")
        return PathToGreen(action, owner, due) if due is not None else None

    def _decision(self, values: Values) -> DecisionAsk | None:
        question = text_of(values, "decision_question")
        of, by = text_of(values, "decision_of"), self._date("decision_by", values)
        if not question:
            if of or by:
                self.errors["decision_question"] = self._t("What is to be decided? Or clear whom and when.")
            return None
        if not of:
            self.errors["decision_of"] = self._t("Who is to decide?")
        return DecisionAsk(question, int(of) if of.isdecimal() else None, by)

    def _percent(self, values: Values) -> int | None:
        text = text_of(values, "percent")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and int(text) <= 100):
            self.errors["percent"] = self._t("A whole number from 0 to 100, or clear it.")
            return None
        return int(text)

    def _date(self, name: str, values: Values) -> date | None:
        text = text_of(values, name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.errors[name] = self._t("A date, or clear it.")
            return None

    def _custom(self, values: Values) -> dict[str, Any]:
        return {f.key: self._custom_value(f, values) for f in self._form.custom}

    def _custom_value(self, field: CustomField, values: Values) -> Any:
        name = custom_id(field.key)
        text = self._required(name, values, self._t("This field is required."), True) if field.required else ""
        text = text or text_of(values, name)
        if field.kind is FieldKind.NUMBER and text:
            return self._number(name, text)
        if field.kind is FieldKind.DATE:
            day = self._date(name, values)
            return day.isoformat() if day else None
        if field.kind is FieldKind.CHOICE and text and text not in field.choices:
            self.errors[name] = self._t("Choose one of the list.")
        if field.kind is FieldKind.PERSON:
            return int(text) if text.isdecimal() else None
        return text or None

    def _number(self, name: str, text: str) -> float | None:
        try:
            number = float(text)
        except ValueError:
            self.errors[name] = self._t("A number, or clear it.")
            return None
        if not math.isfinite(number):
            self.errors[name] = self._t("A number, or clear it.")
            return None
        return int(number) if number.is_integer() else number


def text_of(values: Values, name: str) -> str:
    """A field's text without the blanks around it; empty when there is none."""
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def values_of(report: StatusReport) -> dict[str, str]:
    """A report as form values: for editing it, or for starting the next one from it."""
    values = {
        RAG: report.rag.value if report.rag else "",
        "summary": report.summary,
        "reason": report.reason,
        "done": report.done,
        "next": report.next,
        "missed": report.missed,
        "forecast_end": report.forecast_end.isoformat() if report.forecast_end else "",
        "percent": str(report.percent) if report.percent is not None else "",
        OVERRIDE: report.override,
        PROMISE: report.promise_kept,
    }
    values |= {dimension_id(key): rag.value for key, rag in report.dimensions.items()}
    values |= {custom_id(key): str(value) for key, value in report.custom.items() if value is not None}
    if report.path is not None:
        path = report.path
        values |= {"path_action": path.action, "path_owner": path.owner, "path_due": path.due.isoformat()}
    if report.decision is not None:
        decision = report.decision
        values |= {
            "decision_question": decision.question,
            "decision_of": str(decision.of_id or ""),
            "decision_by": decision.by.isoformat() if decision.by else "",
        }
    return {key: value for key, value in values.items() if value}
