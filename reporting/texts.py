"""The catalogue of everything a person reads, in the reader's language, with dates and numbers as they write them.

The English sentence is the message id (gettext). A language is added by a file
`<folder>/<language>/LC_MESSAGES/rollcall.po`, shipped under `reporting/locales` or in the folder named in the policy.
"""

from __future__ import annotations

import copy
import gettext
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from reporting.calendar_checks import known_zone

SHIPPED = Path(__file__).parent / "locales"
PO_FILE = "LC_MESSAGES/rollcall.po"
_COMMANDS = {"slack": "/rag", "teams": "@Rollcall"}
_WRITTEN = re.compile(r"(?<![\w/.])/rag(?!\w)")
_GROUPED = 1000
"""Smaller whole numbers are written with the same digits in every locale, without a mark between them."""


class Texts:
    """One reader's language and zone.

    Calls are written `t("...", name=value)` and `t.n("one ...", "{n} ...", n)`; the extractor finds them so.

    Attributes:
        today: the reader's day, see `at`; None when it is not known, and then every date is written with its year.
        command: how the bot is asked in the reader's chat system; sentences name it `/rag`, in every language.
    """

    def __init__(self, locale: Locale, zone: ZoneInfo, catalogue: gettext.NullTranslations) -> None:
        self.locale = locale
        self.zone = zone
        self.today: date | None = None
        self.command = _COMMANDS["slack"]
        self._catalogue = catalogue

    def at(self, now: datetime) -> Texts:
        """The same, for reading at this instant: a date of the reader's present year is written without its year."""
        bound = copy.copy(self)
        bound.today = now.astimezone(self.zone).date()
        return bound

    def on(self, platform: str) -> Texts:
        """The same, for reading in this chat system: sentences name the command that is typed there."""
        bound = copy.copy(self)
        bound.command = _COMMANDS.get(platform, self.command)
        return bound

    def __call__(self, message: str, /, **values: object) -> str:
        """The sentence in the reader's language, with `{name}` places filled."""
        translated = self._named(self._catalogue.gettext(message))
        return _filled(translated, self._named(message), values) if values else translated

    def n(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """The form that fits the number; `{n}` is the number as the reader writes it."""
        translated = self._named(self._catalogue.ngettext(singular, plural, n))
        english = self._named(singular if n == 1 else plural)
        return _filled(translated, english, {"n": self.number(n), **values})

    def day(self, day: date) -> str:
        """A day with its weekday: `Fri 27 Nov 2026`."""
        return _written_date(day, self._skeleton("EEE d MMM y", "yMMMEd"), self.locale)

    def short_day(self, day: date) -> str:
        """A day: `Fri 27 Nov`, with its year when that is not the present one: `Fri 1 Jan 2027`."""
        if self._other_year(day):
            return self.day(day)
        return _written_date(day, self._skeleton("EEE d MMM", "MMMEd"), self.locale)

    def full_day(self, day: date) -> str:
        """A day spelt out: `Friday 27 November`, with its year when that is not the present one."""
        if self._other_year(day):
            plain = self._plain_english
            return _written_date(
                day, "EEEE d MMMM y" if plain else self.locale.date_formats["full"].pattern, self.locale
            )
        return _written_date(day, self._skeleton("EEEE d MMMM", "MMMMEEEEd"), self.locale)

    def time(self, at: datetime) -> str:
        """The wall time in the reader's zone: `09:12`."""
        wall = at.astimezone(self.zone)
        return _written_time(time(wall.hour, wall.minute), self.locale)

    def moment(self, at: datetime) -> str:
        """Day and wall time in the reader's zone: `Fri 27 Nov 16:00`, with the year as in `short_day`."""
        return f"{self.short_day(at.astimezone(self.zone).date())} {self.time(at)}"

    def number(self, value: float) -> str:
        """A number as the reader writes it."""
        if type(value) is int and 0 <= value < _GROUPED:
            return str(value)
        return str(format_decimal(value, locale=self.locale))

    def _named(self, sentence: str) -> str:
        # Before the places are filled: what people typed is never changed.
        return sentence if self.command == "/rag" else _WRITTEN.sub(self.command, sentence)

    def _other_year(self, day: date) -> bool:
        return self.today is None or day.year != self.today.year

    @property
    def _plain_english(self) -> bool:
        # The English order without commas is shorter in a table; other languages take their own pattern.
        return self.locale.language == "en" and self.locale.territory != "US"

    def _skeleton(self, english: str, skeleton: str) -> str:
        if self._plain_english:
            return english
        pattern = self.locale.datetime_skeletons.get(skeleton)
        return str(pattern) if pattern is not None else english


class Catalogues:
    """All languages at hand."""

    def __init__(self, default: str = "en-GB", folder: Path | None = None) -> None:
        self._folders = tuple(f for f in (folder, SHIPPED) if f is not None)
        self._default = _parse(default) or Locale("en", "GB")
        self._loaded: dict[str, gettext.NullTranslations] = {}
        self._texts: dict[tuple[str | None, str | None], Texts] = {}

    def texts(self, locale: str | None, tz: str | None = None) -> Texts:
        """Texts for a reader; an unknown locale falls back to the default one, an unknown zone to UTC."""
        known = self._texts.get((locale, tz))
        if known is None:
            parsed = _parse(locale) or self._default
            # Chat accounts name a few hundred locales and zones at most.
            zone = ZoneInfo(tz if tz and known_zone(tz) else "UTC")
            known = self._texts[locale, tz] = Texts(parsed, zone, self._load(parsed))
        return known

    def _load(self, locale: Locale) -> gettext.NullTranslations:
        if str(locale) not in self._loaded:
            self._loaded[str(locale)] = self._read(locale)
        return self._loaded[str(locale)]

    def _read(self, locale: Locale) -> gettext.NullTranslations:
        for folder in self._folders:
            for name in (str(locale), locale.language):
                path = folder / name / PO_FILE
                if path.exists():
                    return _compile(path, name)
        return gettext.NullTranslations()


# The same days and hours are written again and again, and a locale's way of writing takes its time.
@lru_cache(4096)
def _written_date(day: date, pattern: str, locale: Locale) -> str:
    return format_date(day, pattern, locale=locale)


@lru_cache(4096)
def _written_time(wall: time, locale: Locale) -> str:
    return format_time(wall, format="short", locale=locale)


def _parse(tag: str | None) -> Locale | None:
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-") if tag else None
    except (UnknownLocaleError, ValueError):
        return None


def _filled(translated: str, english: str, values: Mapping[str, object]) -> str:
    try:
        return translated.format(**values)
    except (LookupError, ValueError):
        # `rollcall check` names such a translation; meanwhile a message in English is better than none.
        return english.format(**values)


def _compile(path: Path, name: str) -> gettext.GNUTranslations:
    import io

    with path.open("rb") as file:
        catalogue = read_po(file, locale=name)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
