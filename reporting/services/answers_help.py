"""What can be asked, and what the colours mean."""

from __future__ import annotations

from reporting.messages import Actions, Block, Bullets, Code, Heading, Message, Note, Paragraph, Pill, Plain, Spans
from reporting.model import Rag
from reporting.policy import FormPolicy
from reporting.query import Query, Verb
from reporting.services.answers_scope import Ask, run, said
from reporting.texts import Texts


def help_answer(ask: Ask) -> Message:
    """The grammar by example, or the definitions of the colours."""
    if ask.query.subject.casefold().startswith(("colo", "defin", "rag")):
        return colours(ask)
    t = ask.t
    line = t("Ask with /rag, or write to me directly without it.")
    blocks: list[Block] = [Paragraph((Plain(line),)), Bullets(_questions(t))]
    blocks += [Paragraph((Plain(t("Filters combine, in any order:")),)), Bullets(_filters(t))]
    if ask.reader.is_pmo:
        blocks += [Paragraph((Plain(t("For the PMO:")),)), Bullets(_for_pmo(t))]
    blocks.append(Note((Plain(t("Answers are for you alone. A name of several words may stand in quotes.")),)))
    buttons = (run(t("Overview"), Query()), run(t("Mine"), Query(Verb.MINE, mine=True)),
               run(t("What the colours mean"), Query(Verb.HELP, "colours")))  # fmt: skip
    return Message(line, (*blocks, Actions(buttons)))


def short_help(ask: Ask) -> Message:
    """Two lines, for a greeting or a message that is no question."""
    t = ask.t
    line = t("I ask for project status and answer questions about it.")
    hint = t("Try “red”, “mine” or a project's key.")
    return said(f"{line}\n{hint}", Actions((run(t("Help"), Query(Verb.HELP)), run(t("Overview"), Query()))))


def _lines(*pairs: tuple[str, str]) -> tuple[Spans, ...]:
    return tuple((Code(code), Plain("  " + text)) for code, text in pairs)


def _questions(t: Texts) -> tuple[Spans, ...]:
    return _lines(
        (t.command, t("the portfolio, worst first")),
        (f"{t.command} ATLAS", t("one project, by key or part of its name")),
        (f"{t.command} red", t("also amber, green, missing, worse, better")),
        (f"{t.command} risks", t("open risks, highest score first; risks ATLAS for one project")),
        (f"{t.command} mine", t("your projects and what you owe")),
        (f"{t.command} history ATLAS", t("all periods of a project")),
        (f"{t.command} trend", t("colours by period")),
        (
            f"{t.command} digest",
            t("the last digest; digest 2026-11-27 for the one of that day or week"),
        ),
        (f"{t.command} me", t("your chat accounts, and where I write to you")),
        (f"{t.command} help colours", t("what red, amber and green mean here")),
    )


def _filters(t: Texts) -> tuple[Spans, ...]:
    return _lines(
        ("portfolio:imaging", t("one portfolio, or several by commas")),
        ("lead:@ana", t("projects of a lead; lead:me for your own")),
        (
            "since:4w",
            t(
                "in that colour so long; worse and better: against that day; since:2026-10-01 for a day; "
                "history and trend reach back so far"
            ),
        ),
        ("risk:>=12", t("by risk score, 1 to 25")),
        ("state:paused", t("also closed, all")),
        ("page:2", t("the next page")),
    )


def _for_pmo(t: Texts) -> tuple[Spans, ...]:
    return _lines(
        (f"{t.command} remind", t("remind all who owe a report; with filters, only those")),
        (
            f"{t.command} digest preview",
            t("the digest as it would be now; digest send posts one that is overdue"),
        ),
        (f"{t.command} project add", t("a new project; project edit ATLAS changes one")),
        (f"{t.command} absence @ana", t("somebody is away")),
        (f"{t.command} person @ana", t("where somebody is reached")),
        (
            f"{t.command} export xlsx",
            t("the register with current reports; csv too, history for all periods and revisions"),
        ),
    )


def colours(ask: Ask) -> Message:
    """The PMO's own definitions, of each form that has different ones."""
    t = ask.t
    line = t("What the colours mean")
    blocks: list[Block] = [Heading(line)]
    forms = ask.services.policy.forms
    groups = {tuple(form.definitions.items()): form for form in reversed(forms)}
    for form in reversed(groups.values()):
        if len(groups) > 1:
            blocks.append(Paragraph((Plain(t("Form {name}:", name=form.name)),)))
        blocks += _definitions(t, form)
    unreported = (
        Pill(None),
        Plain("  " + t("Not reported. It is no colour, and the last one is never shown as if it still held.")),
    )
    return Message(line, (*blocks, Paragraph(unreported)))


def _definitions(t: Texts, form: FormPolicy) -> list[Block]:
    names = {Rag.RED: t("Red"), Rag.AMBER: t("Amber"), Rag.GREEN: t("Green")}
    return [
        Paragraph((Pill(rag), Plain(f"  {names[rag]}: {form.definitions[rag]}")))
        for rag in (Rag.GREEN, Rag.AMBER, Rag.RED)
        if rag in form.definitions
    ]
