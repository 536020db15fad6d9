"""That a chat system has ended the installation: remembered over restarts, and told to the PMO once, by another one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.engine.outlets import NOT_BY, Remedy, way_of
from reporting.ledger import Delivery
from reporting.messages import Heading, Message, Paragraph, Plain
from reporting.model import account_of
from reporting.ports import StoreBusy, UnitOfWork
from reporting.routing import platform_of_channel
from reporting.services.access import pmo_mentions
from reporting.services.context import Services
from reporting.services.outbox import plan
from reporting.texts import Texts

KIND = "ended"
"""The kind of the message that tells the PMO."""
_NOTE = "installation.ended."
# At a start, what is due is planned only after the chat systems were asked; so much later all that waits is counted.
_GATHER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class End:
    """One end of an installation.

    Attributes:
        code: the chat system's.
        since: ISO; when it was found out.
        asked: whether it was refused already when the bot asked who it is. Then an answer to that says that it is over;
            else only a message that is taken does.
        told: targets of the messages that tell the PMO.
    """

    code: str
    since: str
    asked: bool = False
    told: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was found out."""
        return datetime.fromisoformat(self.since)


class Endings:
    """Remembers ends in the store, and plans what the PMO is told of them. Everything blocks; for worker threads.

    Attributes:
        untold: chat systems of whose end the PMO cannot be told by another one, where there are several.
    """

    def __init__(self, services: Services, platforms: Collection[str]) -> None:
        self._services = services
        self._platforms = frozenset(platforms)
        self._open: frozenset[str] = frozenset()
        self._noted: frozenset[str] = frozenset()
        self._log = structlog.get_logger("rollcall")
        self.untold: frozenset[str] = frozenset()

    def begin(self, stopped: Mapping[str, str]) -> None:
        """The bot starts: every chat system was asked who we are, and those that are stopped have refused.

        Raises:
            StoreBusy: nothing was changed.
        """
        self.note(stopped, stopped)
        with self._services.store.read() as uow:
            ends = {platform: end_of(uow, platform) for platform in self._platforms - stopped.keys()}
        for platform, end in ends.items():
            if end is not None and end.asked:
                self._over(platform)
        self._open = frozenset(platform for platform, end in ends.items() if end is not None and not end.asked)

    def took(self, platform: str, stopped: Mapping[str, str]) -> None:
        """A chat system has taken a message. Never raises: there will be another one."""
        # What was under way when the installation ended may be recorded after it.
        if platform not in self._open or platform in stopped:
            return
        try:
            self._over(platform)
        except StoreBusy:
            return
        self._open -= {platform}

    def note(self, stopped: Mapping[str, str], asked: Collection[str] = ()) -> None:
        """These have ended, each with its code; called often. Tells the PMO where they were not told yet.

        Args:
            asked: those of them that refuse even to say who we are.

        Raises:
            StoreBusy: not all was written down.
        """
        ended = dict(stopped)
        for platform, code in ended.items():
            with self._services.store.read() as uow:
                end = end_of(uow, platform)
                told = tuple(self._told(uow, self._platforms - ended.keys())) if end is None or not end.told else ()
            # Gone from the store since this process has noted it: another one, started later, is let in again.
            over = end is None and platform in self._noted
            if not over and (end is None or told or (platform in asked and not end.asked)):
                self._ended(platform, code, platform in asked, told)
            self._noted |= {platform}
            self._say(platform, code, over or bool(told) or (end is not None and bool(end.told)))

    def _ended(self, platform: str, code: str, asked: bool, targets: tuple[str, ...]) -> None:
        now = self._services.clock.now()
        with self._services.store.begin() as uow:
            # Another process may have been quicker.
            known = end_of(uow, platform)
            end = known or End(code, now.isoformat())
            if known is None:
                uow.audit.append(now, "system", "installation.ended", f"chat:{platform}", None, {"code": code})
            if not end.told:
                self._tell(uow, platform, end, targets, now)
            uow.notes.put(_NOTE + platform, asdict(replace(end, asked=end.asked or asked, told=end.told or targets)))

    def _tell(self, uow: UnitOfWork, platform: str, end: End, targets: Collection[str], now: datetime) -> None:
        subject = {NOT_BY: platform, "since": end.since}
        for target in targets:
            key = f"{KIND}:{platform}:{end.since}:{target}"
            # It waits behind nothing that is held back for the dead one, and holds up nothing itself.
            plan(uow, key=key, kind=KIND, target=target, now=now, due_at=now + _GATHER, subject=subject, ahead=True)

    def _told(self, uow: UnitOfWork, alive: Collection[str]) -> Iterator[str]:
        """The PMO's people who can be written to elsewhere; where there are none, their channel if it is elsewhere."""
        policy = self._services.policy
        people = [person for person in pmo_mentions(uow, policy) if person.active and account_of(person, alive)]
        yield from (f"person:{person.id}" for person in people)
        if not people and policy.pmo_channel and platform_of_channel(policy.pmo_channel) in alive:
            yield f"channel:{policy.pmo_channel}"

    def _say(self, platform: str, code: str, told: bool) -> None:
        if told:
            self.untold -= {platform}
        elif len(self._platforms) > 1 and platform not in self.untold:
            self.untold |= {platform}
            self._log.critical(
                "pmo_not_told",
                platform=platform,
                code=code,
                reason="nobody of the PMO has an account in another chat system at work",
                do="tell them: nothing is sent there until the installation is mended",
            )

    def _over(self, platform: str) -> None:
        with self._services.store.begin() as uow:
            if end_of(uow, platform) is not None:
                uow.notes.put(_NOTE + platform, None)
                now = self._services.clock.now()
                uow.audit.append(now, "system", "installation.back", f"chat:{platform}")
                self._log.info("installation_back", platform=platform)


def end_of(uow: UnitOfWork, platform: str) -> End | None:
    """The end of an installation, until it is known to be over."""
    noted = uow.notes.get(_NOTE + platform)
    return None if noted is None else End(noted["code"], noted["since"], noted["asked"], tuple(noted["told"]))


def waiting_for(uow: UnitOfWork, platform: str, platforms: Collection[str], now: datetime) -> int:
    """How many messages are due that only this chat system can carry."""
    due = [delivery for delivery in uow.deliveries.unfinished() if delivery.due_at <= now]
    return sum(way_of(uow, delivery, platforms).platform == platform for delivery in due)


@dataclass(frozen=True, slots=True)
class Words:
    """What a chat system is called, and what to do when it has ended the installation."""

    title: str
    remedy: Remedy


def compose_ending(services: Services, delivery: Delivery, words: Mapping[str, Words]) -> Message | None:
    """What the PMO is told of an end; None when it is over by now.

    Args:
        words: by platform.
    """
    platform = delivery.subject[NOT_BY]
    now = services.clock.now()
    with services.store.read() as uow:
        end = end_of(uow, platform)
        if end is None or end.since != delivery.subject["since"] or platform not in words:
            return None
        t = _reader(uow, services, delivery)
        waiting = waiting_for(uow, platform, words, now)
    title, remedy = words[platform].title, words[platform].remedy
    since = t("Since {moment} it takes no message from Rollcall ({code}).", moment=t.moment(end.at), code=end.code)
    waits = (
        t.n("{n} message that is due there waits.", "{n} messages that are due there wait.", waiting)
        if waiting
        else t("No message that is due there waits so far.")
    )
    kept = t("Everything is kept. What is still of use is sent when it answers again; the rest is reported then.")
    heading = t("{chat} has ended Rollcall's installation", chat=title)
    text = f"{since} {waits} {kept}"
    return Message(heading, (Heading(heading), Paragraph((Plain(text),)), Paragraph((Plain(remedy(t, end.code)),))))


def _reader(uow: UnitOfWork, services: Services, delivery: Delivery) -> Texts:
    kind, _, name = delivery.target.partition(":")
    if kind != "person":
        return services.texts_for_channel(channel=name)
    return services.texts_for(uow.people.get(int(name)), delivery.platform)
