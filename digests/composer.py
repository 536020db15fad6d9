"""Templates, Markdown and neutral messages put together: what leadership reads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from digests.blocks import said
from digests.environment import Templates
from digests.faults import MarkdownFault, TemplateFault
from digests.ink import OPEN, readable
from digests.markdown import MarkdownReader
from reporting.messages import Block, Heading, Message, Note, Paragraph, Plain, Row, Table
from reporting.policy import Policy
from reporting.ports import Composed
from reporting.texts import Catalogues, Texts

WEEKLY = "weekly.md.j2"
ALERT = "alert.md.j2"


class Composer:
    """Implements `reporting.ports.DigestComposer` with Jinja2 templates that write Markdown."""

    def __init__(self, catalogues: Catalogues, policy: Policy) -> None:
        """Use the shipped templates, with those of the policy's folder in front of them."""
        self._catalogues = catalogues
        folder = Path(policy.templates) if policy.templates else None
        self._own = Templates(folder)
        self._shipped = Templates() if folder else self._own
        self._reader = MarkdownReader()

    def digest(self, template: str, view: Mapping[str, Any], locale: str) -> Composed:
        """A digest with its thread.

        A template of one's own that fails on this data is left aside for the shipped one, and the digest says so:
        leadership still gets its digest on time.

        Raises:
            TemplateFault: the shipped template cannot be used either.
        """
        texts = self._texts(view, locale)
        try:
            return compose(self._own, self._reader, template, view, texts)
        except TemplateFault as fault:
            if self._own is self._shipped:
                raise
            known = template if template in self._shipped.names() else WEEKLY
            composed = compose(self._shipped, self._reader, known, view, texts)
            return _with_note(composed, texts("Shown with the shipped template. {fault}", fault=fault))

    def alert(self, view: Mapping[str, Any], locale: str) -> Message:
        """An alert, in whichever state the view says.

        Raises:
            TemplateFault: as for a digest.
        """
        texts = self._texts(view, locale)
        try:
            return compose(self._own, self._reader, ALERT, view, texts).message
        except TemplateFault as fault:
            if self._own is self._shipped:
                raise
            composed = compose(self._shipped, self._reader, ALERT, view, texts)
            return _with_note(composed, texts("Shown with the shipped template. {fault}", fault=fault)).message

    def _texts(self, view: Mapping[str, Any], locale: str) -> Texts:
        texts = self._catalogues.texts(locale, str(view.get("zone") or "UTC")).on(str(view.get("platform") or ""))
        return texts.at(datetime.fromisoformat(view["as_of"])) if view.get("as_of") else texts


def compose(templates: Templates, reader: MarkdownReader, name: str, view: Mapping[str, Any], texts: Texts) -> Composed:
    """Write, parse and divide into messages.

    Raises:
        TemplateFault: in the template, or in the Markdown it writes.
    """
    rendered = templates.render(name, view, texts)
    try:
        first, *others = reader.read(rendered.markdown, rendered.things)
    except MarkdownFault as fault:
        raise _in_template(templates, name, fault) from fault
    summary = str(view["takeaway"]) if "takeaway" in view else summary_of(first)
    message = Message(summary, first)
    details = tuple(Message(summary_of(blocks), blocks) for blocks in others)
    return Composed(message, details, readable(rendered.markdown, rendered.things))


def summary_of(blocks: Sequence[Block]) -> str:
    """The first words of a message, on one line."""
    for block in blocks:
        if isinstance(block, Heading):
            return block.text
        if isinstance(block, Paragraph | Row | Note):
            return " ".join("".join(said(span) for span in block.spans).split())
        if isinstance(block, Table):
            return block.caption
    return "–"


def _with_note(composed: Composed, text: str) -> Composed:
    message = composed.message
    noted = Message(message.summary, (*message.blocks, Note((Plain(text),))))
    return Composed(noted, composed.details, f"{composed.markdown}\n\n{text}")


def _in_template(templates: Templates, name: str, fault: MarkdownFault) -> TemplateFault:
    """The fault with the template's line, where the text at fault stands in one line of it."""
    fixed = fault.snippet.partition(OPEN)[0]
    places = [number for number, line in enumerate(templates.source(name).split("\n"), 1) if fixed and fixed in line]
    if places and (fixed == fault.snippet or len(places) == 1):
        return TemplateFault(name, places[0], fault.problem)
    return TemplateFault(name, None, f"{fault.problem} (line {fault.line} of the Markdown it writes)")
