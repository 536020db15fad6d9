"""What templates write with: filters and functions in the reader's language. Described in docs/templates.md."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from string import Formatter
from typing import Any, Literal

from babel.dates import format_interval

from digests.faults import LimitReached
from digests.ink import Ink, Md, reveal
from reporting.messages import Button, Mention, NumberCell, Pill
from reporting.model import Rag
from reporting.texts import Texts

STEPS = 500_000
"""Rounds of loops and calls of one rendering; a digest of 1,000 projects needs under a tenth."""

_STYLES: tuple[Literal["", "primary", "danger"], ...] = ("", "primary", "danger")


class Pen:
    """Writes one message for one reader; holds what the rendering has used so far."""

    def __init__(self, texts: Texts, unit: str) -> None:
        self.ink = Ink()
        self._texts = texts
        self._unit = unit
        self._steps = STEPS
        self._known: dict[tuple[str, object], str] = {}

    def spend(self, steps: int) -> None:
        """Count loops and calls.

        Raises:
            LimitReached: more than `STEPS`.
        """
        self._steps -= steps
        if self._steps < 0:
            raise LimitReached(f"the template loops or calls more than {STEPS:,} times")

    def literal(self, value: object) -> str:
        """What `{{ value }}` writes: our own Markdown as it is, everything else as literal text."""
        if type(value) is Md:
            return value
        if value is None or value == "":
            return ""
        return self.ink.put(str(value))

    def pill(self, rag: str | None, label: str = "") -> Md:
        """A RAG mark; None is "not reported"."""
        return self.ink.put(Pill(Rag(rag) if rag else None, self._plain(label)))

    def person(self, person: Mapping[str, Any] | None) -> Md:
        """A mention; a dash for nobody."""
        if person is None:
            return self.ink.put("–")
        return self.ink.put(Mention(int(person["id"]), str(person["name"])))

    def button(self, action: str, label: str, value: object = "", style: str = "") -> Md:
        """A button: at the end of a line, or alone with others on one."""
        chosen = next((known for known in _STYLES if known == style), None)
        if chosen is None:
            raise ValueError(f"a button's style is primary, danger or nothing, not {style!r}")
        return self.ink.put(Button(self._plain(action), self._plain(label), self._plain(value), chosen))

    def number(self, value: float) -> Md:
        """A number as the reader writes it; alone in a table's cell it sorts as a number."""
        return self.ink.put(NumberCell(float(value), self._once(("number", value), lambda: self._texts.number(value))))

    def change(self, value: int | None) -> Md:
        """`+2`, `-1`, `=`; nothing when there is nothing to compare with."""
        if value is None:
            return Md("")
        return self.ink.put(f"{value:+d}".replace("-", "−") if value else "=")

    def trend(self, colours: Sequence[str | None]) -> Md:
        """Letters, oldest first: `G G A –`."""
        return self.ink.put(" ".join(Rag(rag).letter if rag else "–" for rag in colours))

    def day(self, day: str, style: str = "short") -> str:
        """A calendar day with its weekday; `style` is short, long (with the year) or full (spelt out)."""
        return self._once((style, day), lambda: self._day(date.fromisoformat(day), style))

    def _day(self, value: date, style: str) -> str:
        match style:
            case "short":
                return self._texts.short_day(value)
            case "long":
                return self._texts.day(value)
            case "full":
                return self._texts.full_day(value)
            case _:
                pass
        raise ValueError(f"a day is written short, long or full, not {style!r}")

    def dates(self, period: Mapping[str, Any]) -> str:
        """The days a period covers: `23–29 November 2026`."""
        first, last = date.fromisoformat(period["first"]), date.fromisoformat(period["last"])
        return str(format_interval(first, last, "yMMMMd", locale=self._texts.locale))

    def sentence(self, text: str) -> str:
        """A text on one line, with a full stop unless it ends with a mark of its own."""
        line = self._line(text)
        return line if not line or line[-1] in ".!?…:;。！？" else f"{line}."

    def phrase(self, text: str) -> str:
        """A text on one line for the middle of a sentence, without a full stop."""
        return self._line(text).rstrip(". ")

    def brief(self, text: str, limit: int = 280) -> str:
        """A text on one line, cut at a word with ` …` when it is longer; the whole belongs into the thread."""
        line = self._line(text)
        if len(line) <= limit:
            return line
        cut = line[: limit - 2]
        return f"{cut[: cut.rfind(' ')] if ' ' in cut[limit // 2 :] else cut} …"

    def moment(self, instant: str) -> str:
        """Day and wall time in the channel's zone."""
        return self._texts.moment(datetime.fromisoformat(instant))

    def span(self, periods: int, unit: str = "") -> str:
        """A number of reporting periods in the calendar's own word: `2 weeks`.

        Args:
            unit: week, month or period, where it is not the calendar's.
        """
        called = unit or self._unit
        return self._once((f"span {called}", periods), lambda: self._span(periods, called))

    def _span(self, periods: int, unit: str) -> str:
        match unit:
            case "week":
                return self._texts.n("{n} week", "{n} weeks", periods)
            case "month":
                return self._texts.n("{n} month", "{n} months", periods)
            case _:
                pass
        return self._texts.n("{n} period", "{n} periods", periods)

    def colour(self, rag: str | None) -> str:
        """A colour's name in the reader's language."""
        names = {"red": self._texts("red"), "amber": self._texts("amber"), "green": self._texts("green")}
        return names[rag] if rag else self._texts("not reported")

    def translate(self, message: str, /, **values: object) -> Md:
        """A sentence of the catalogue, its `{name}` places filled with text, pills or people."""
        return self._fill(self._texts(message), values)

    def plural(self, singular: str, plural: str, n: int, /, **values: object) -> Md:
        """The form that fits the number; `{n}` is the number."""
        places = {name: f"{{{name}}}" for name in values}
        return self._fill(self._texts.n(singular, plural, n, **places), values)

    def _once(self, key: tuple[str, object], write: Callable[[], str]) -> str:
        """Dates and numbers recur in a digest; writing them in a locale's way is slow."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = write()
        return known

    def _plain(self, value: object) -> str:
        """A value as bare text, marks written out."""
        return reveal(value, self.ink.things) if type(value) is Md else str(value)

    def _line(self, text: object) -> str:
        return " ".join(self._plain(text).split())

    def _fill(self, pattern: str, values: Mapping[str, object]) -> Md:
        if not values:
            return self.ink.put(pattern)
        written = []
        for text, name, _, _ in Formatter().parse(pattern):
            written.append(self.literal(text))
            if name is not None:
                written.append(self.literal(values[name]))
        return Md("".join(written))
