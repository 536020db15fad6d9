"""Draws the report form from its sheet and the values as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from reporting.interactions import (
    INPUT,
    ChoiceField,
    DateField,
    Form,
    FormItem,
    NumberField,
    PersonField,
    TextField,
    rooms,
)
from reporting.messages import (
    Actions,
    Button,
    Divider,
    Heading,
    Menu,
    Note,
    Option,
    Paragraph,
    Pill,
    Plain,
    Row,
    Spans,
    Strong,
)
from reporting.model import Rag, Risk
from reporting.policy import CustomField, FieldKind
from reporting.services import entering, entry
from reporting.services.entering import Sheet
from reporting.services.entry import Wanted
from reporting.services.prompts import risk_line
from reporting.services.wording import period_label, rag_word
from reporting.texts import Texts

NARRATIVES = ("done", "next", "missed")
SHOWN_RISKS = 20


class ReportForm:
    """One drawing of the form."""

    def __init__(self, sheet: Sheet, values: Mapping[str, Any], texts: Texts, today: date) -> None:
        """`values` by field id; see `reporting.services.entry`."""
        self._sheet = sheet
        self._values = values
        self._t = texts
        self._today = today
        self._wanted = Wanted.by(values, sheet.form)

    def draw(self, notes: tuple[str, ...] = ()) -> Form:
        """The form, with notes (what is missing, what somebody else wrote) on top."""
        items: list[FormItem] = [Paragraph((Plain(note),)) for note in notes]
        items += self._head()
        items += self._promise()
        items += self._path() if self._wanted.path else []
        items += self._headline()
        for section in self._sheet.form.sections:
            items += self._section(section)
        items += [self._custom(field) for field in self._sheet.form.custom]
        items += self._edit_reason()
        sheet = self._sheet
        return Form(
            id="report",
            title=self._title(),
            items=tuple(items),
            submit=self._t("Send report"),
            close=self._t("Keep draft"),
            context={"p": sheet.project.id, "q": sheet.period.id, "b": sheet.base_revision},
            tell_close=True,
        )

    def _title(self) -> str:
        label = period_label(self._t, self._sheet.calendar, self._sheet.period.day)
        return self._t("{key}, {period}", key=self._sheet.project.key, period=label)

    def _value(self, name: str) -> str:
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    def _head(self) -> list[FormItem]:
        t, sheet = self._t, self._sheet
        items: list[FormItem] = []
        last = [(day, rag) for day, rag in sheet.trend if day < sheet.period.day]
        if last:
            spans: Spans = (Plain(t("Last periods: ")),)
            for _, rag in last:
                spans += (Pill(rag), Plain(" "))
            items.append(Paragraph(spans))
        if sheet.draft is not None and sheet.draft.base_revision == sheet.base_revision:
            items.append(Note((Plain(t("Your draft of {moment}.", moment=t.moment(sheet.draft.updated_at))),)))
        options = tuple(
            Option(rag.value, rag_word(t, rag).capitalize(), sheet.form.definitions.get(rag, ""))
            for rag in (Rag.GREEN, Rag.AMBER, Rag.RED)
        )
        further = t("Amber and red ask for more: why, and a path to green.")
        items.append(
            ChoiceField(entry.RAG, t("Overall status"), options, self._value(entry.RAG) or None, style="radio",
                        live=True, further=further)
        )  # fmt: skip
        return items

    def _promise(self) -> list[FormItem]:
        sheet, t = self._sheet, self._t
        if not sheet.promise_due(self._today) or sheet.previous is None or sheet.previous.path is None:
            return []
        path = sheet.previous.path
        label = t("Promised for {day}: {action}", day=t.short_day(path.due), action=path.action)
        options = (Option("kept", t("Kept")), Option("missed", t("Missed")), Option("moved", t("Moved")))
        return [ChoiceField(entry.PROMISE, label, options, self._value(entry.PROMISE) or None, optional=True,
                            live=True)]  # fmt: skip

    def _path(self) -> list[FormItem]:
        t = self._t
        return [
            self._text("reason", t("Why is it not green?"), hint=t("One sentence; goes to leadership.")),
            self._text("path_action", t("Path to green: what happens"), hint=t("The next step that brings it back.")),
            self._text("path_owner", t("Path to green: who does it")),
            DateField("path_due", t("Path to green: by when"), self._value("path_due"), live=True),
        ]

    def _headline(self) -> list[FormItem]:
        limit = self._sheet.form.summary_max
        hint = self._t("One sentence for leadership, up to {limit} characters.", limit=limit)
        summary = TextField("summary", self._t("Headline"), self._value("summary"), hint=hint, multiline=True,
                            max_length=limit, live=True)  # fmt: skip
        if len(summary.value) > limit:
            # An imported text may be longer than the headline; it is shown whole and can be shortened here.
            summary = replace(summary, max_length=len(summary.value))
        return [summary]

    def _text(self, name: str, label: str, hint: str = "", optional: bool = False, long: bool = False) -> TextField:
        return TextField(
            name,
            label,
            self._value(name),
            hint=hint,
            optional=optional,
            multiline=long,
            max_length=INPUT * rooms(self._value(name)) if long else INPUT,
            live=True,
        )

    def _section(self, section: str) -> list[FormItem]:
        match section:
            case "done" | "next" | "missed":
                return [self._narrative(section)]
            case "forecast_end":
                hint = self._planned_end()
                return [DateField("forecast_end", self._t("Forecast end"), self._value("forecast_end"), hint=hint,
                                  optional=True, live=True)]  # fmt: skip
            case "percent":
                return [NumberField("percent", self._t("Percent complete"), self._value("percent"), optional=True,
                                    minimum="0", maximum="100", live=True)]  # fmt: skip
            case "dimensions":
                return self._dimensions()
            case "risks":
                return self._risks()
            case _:
                return self._decision()

    def _narrative(self, name: str) -> TextField:
        t, planned = self._t, self._sheet.previous.next if self._sheet.previous else ""
        labels = {"done": t("Done"), "next": t("Next"), "missed": t("Planned but missed")}
        hint = t("Planned last time: {text}", text=planned) if name == "done" and planned else ""
        return self._text(name, labels[name], hint=hint, optional=True, long=True)

    def _planned_end(self) -> str:
        end = self._sheet.project.end
        return self._t("Planned: {day}", day=self._t.day(end)) if end else ""

    def _dimensions(self) -> list[FormItem]:
        t = self._t
        options = tuple(Option(rag.value, rag_word(t, rag).capitalize()) for rag in (Rag.GREEN, Rag.AMBER, Rag.RED))
        items: list[FormItem] = [Divider()]
        for dimension in self._sheet.form.dimensions:
            name = entry.dimension_id(dimension.key)
            value = self._value(name) or None
            items.append(
                ChoiceField(name, dimension.label, options, value, hint=dimension.definition, optional=True, live=True)
            )
        if self._wanted.override:
            names = ", ".join(entry.worse_dimensions(self._values, self._sheet.form))
            hint = t("Worse than the overall status: {names}. This sentence goes to leadership.", names=names)
            items.append(self._text(entry.OVERRIDE, t("Why is the overall status right?"), hint=hint))
        return items

    def _risks(self) -> list[FormItem]:
        t, sheet = self._t, self._sheet
        changes = self._values.get(entering.RISKS, {})
        items: list[FormItem] = [Divider(), Heading(t("Risks"), 3)]
        for risk in sheet.risks[:SHOWN_RISKS]:
            items.append(self._risk_row(risk, changes.get(str(risk.id), {})))
        for name, what in changes.items():
            if name.startswith("new"):
                risk = entering.risk_from(what, 0)
                text = t("New, score {score}: {title}", score=risk.score, title=risk.title)
                items.append(Row((Plain(text),), Button("risk.drop", t("Take back"), name)))
        if len(sheet.risks) > SHOWN_RISKS:
            rest = len(sheet.risks) - SHOWN_RISKS
            items.append(Note((Plain(t.n("One more open risk stays as it is.", "{n} more open risks stay as they are.",
                                         rest)),)))  # fmt: skip
        if not sheet.risks and not changes:
            items.append(Note((Plain(t("No open risks.")),)))
        if entering.begun(self._values) is not None:
            items.append(Note((Plain(t("The risk you began is not finished; it is not sent with the report.")),)))
            return [*items, Actions((Button("risk.add", t("Go on with the risk ...")),))]
        return [*items, Actions((Button("risk.add", t("Add a risk ...")),))]

    def _risk_row(self, risk: Risk, change: Mapping[str, Any]) -> Row:
        t = self._t
        options = (
            Option(f"keep:{risk.id}", t("Keep")),
            Option(f"change:{risk.id}", t("Change ...")),
            Option(f"close:{risk.id}", t("Close")),
        )
        if change.get("close"):
            spans: Spans = (Strong(t("Will be closed: ")), Plain(risk_line(t, risk)))
        elif change:
            spans = (Strong(t("Changed: ")), Plain(risk_line(t, replace(entering.risk_from(dict(change), risk.id),
                                                                       number=risk.number))))  # fmt: skip
        else:
            spans = (Plain(risk_line(t, risk)),)
        return Row(spans, Menu("risk.choose", t("Keep"), options))

    def _decision(self) -> list[FormItem]:
        t = self._t
        of = self._value("decision_of")
        return [
            Divider(),
            self._text("decision_question", t("Decision needed"), hint=t("The question, in one sentence."),
                       optional=True),
            PersonField("decision_of", t("Asked of"), int(of) if of.isdigit() else None, optional=True, live=True),
            DateField("decision_by", t("Needed by"), self._value("decision_by"), optional=True, live=True),
        ]  # fmt: skip

    def _custom(self, field: CustomField) -> FormItem:
        name = entry.custom_id(field.key)
        value, optional = self._value(name), not field.required
        match field.kind:
            case FieldKind.TEXT:
                return TextField(name, field.label, value, hint=field.hint, optional=optional, live=True)
            case FieldKind.NUMBER:
                return NumberField(name, field.label, value, hint=field.hint, optional=optional, decimal=True,
                                   live=True)  # fmt: skip
            case FieldKind.CHOICE:
                options = tuple(Option(choice, choice) for choice in field.choices)
                chosen = value if value in field.choices else None
                return ChoiceField(name, field.label, options, chosen, hint=field.hint, optional=optional, live=True)
            case FieldKind.DATE:
                return DateField(name, field.label, value, hint=field.hint, optional=optional, live=True)
            case FieldKind.PERSON:
                person = int(value) if value.isdigit() else None
                return PersonField(name, field.label, person, hint=field.hint, optional=optional, live=True)

    def _edit_reason(self) -> list[FormItem]:
        if self._sheet.current is None:
            return []
        t = self._t
        hint = t("Kept with your name and the time. What was sent before stays readable.")
        return [self._text(entry.EDIT_REASON, t("What do you correct?"), hint=hint)]
