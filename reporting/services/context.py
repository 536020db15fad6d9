"""What every use case needs, handed in by the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from reporting.calendar import Holidays
from reporting.model import Person, account_of
from reporting.policy import Policy
from reporting.ports import Clock, DigestComposer, Store
from reporting.routing import PLATFORMS, platform_of_channel
from reporting.texts import Catalogues, Texts


@dataclass(frozen=True, slots=True)
class Services:
    """The ports and the policy behind all use cases.

    Attributes:
        platforms: the chat systems that this installation works in.
    """

    store: Store
    clock: Clock
    policy: Policy
    catalogues: Catalogues
    composer: DigestComposer
    days_off: Holidays = field(default_factory=Holidays)
    platforms: frozenset[str] = frozenset(PLATFORMS)

    def today(self, now: datetime, person: Person | None = None) -> date:
        """The day where a person is, for what they type; without one the policy's, for digests and alerts."""
        zone = self.texts_for(person).zone if person is not None else ZoneInfo(self.policy.zone)
        return now.astimezone(zone).date()

    def texts_for(self, person: Person | None, platform: str = "") -> Texts:
        """Texts in a person's language and zone, falling back to the policy's, as of now.

        Args:
            platform: where they are read; by default where the person is written to.
        """
        locale = person.locale if person else None
        zone = person.tz if person else None
        account = account_of(person, self.platforms) if person and not platform else None
        texts = self.catalogues.texts(locale or self.policy.locale, zone or self.policy.zone)
        return texts.at(self.clock.now()).on(account.platform if account else platform)

    def texts_for_channel(self, locale: str | None = None, channel: str = "") -> Texts:
        """Texts for a channel, which has no reader of its own, as of now."""
        texts = self.catalogues.texts(locale or self.policy.locale, self.policy.zone)
        return texts.at(self.clock.now()).on(platform_of_channel(channel))
