"""The channels of the policy: that one is lost, renamed or back is recorded, told to the PMO, and made good.

The chat system says so at once by an event; where none came, a refused post tells (`bot.engine.notice`) and a start
looks again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta

import structlog

from bot.config.sketch import channels_of, of_policy
from reporting.ledger import Delivery
from reporting.messages import Channel, Message, Paragraph, Plain, Spans
from reporting.messages_json import to_json
from reporting.model import Role
from reporting.ports import DeliveryError, UnitOfWork
from reporting.routing import TEAMS, platform_of_channel
from reporting.services.context import Services
from reporting.services.mending import followers, planned_again
from reporting.services.outbox import plan
from reporting.texts import Texts

KIND = "channel_notice"
# What failed longer ago than this nobody waits for any more.
_LOOKED_BACK = timedelta(days=7)
_LOST, _RENAMED = "lost", "renamed"


class Places:
    """Knows which ids the channels of the policy have.

    Args:
        gone: by platform, how the error of a delivery begins that failed because the channel cannot be posted to.
    """

    def __init__(self, services: Services, gone: Mapping[str, tuple[str, ...]]) -> None:
        self._services = services
        self._gone = gone
        self._names: dict[str, set[str]] = {}
        self._log = structlog.get_logger("rollcall")

    async def learn(self, platform: str, target: Callable[[str], Awaitable[str]]) -> None:
        """Look up the id of each channel of one chat system: later, a lost one cannot be asked for its name.

        Args:
            target: the id of a channel by its name or id.
        """
        for name in dict(channels_of(of_policy(self._services.policy), platform)):
            try:
                self._names.setdefault(await target(name), set()).add(name)
            except DeliveryError as error:
                self._log.warning("channel_unknown", channel=name, code=error.code)

    def found(self, platforms: Collection[str]) -> None:
        """Every channel there was looked at and is well: send what failed for want of it. Blocks; for a worker thread.

        Args:
            platforms: the chat systems that could be asked.
        """
        known = dict(of_policy(self._services.policy).channels)
        names = [name for name in known if platform_of_channel(name) in platforms]
        with self._services.store.begin() as uow:
            for name in names:
                self._back(uow, name, self._services.clock.now())

    def heard(self, what: str, channel_id: str, detail: str = "") -> None:
        """Something happened to a channel. Blocks; for a worker thread.

        Args:
            what: `lost`, `renamed` or `back`.
            detail: `archived`, `deleted` or `removed` when it is lost, its new name when it is renamed.
        """
        now = self._services.clock.now()
        for name in sorted(self._names.get(channel_id, ())):
            with self._services.store.begin() as uow:
                if what == _LOST:
                    self._lost(uow, name, detail, now)
                elif what == _RENAMED:
                    self._renamed(uow, name, detail, now)
                else:
                    self._back(uow, name, now)

    def _lost(self, uow: UnitOfWork, name: str, detail: str, now: datetime) -> None:
        if uow.notes.get(_note(name)) is not None:
            return
        uow.notes.put(_note(name), {"since": now.isoformat(), "how": detail})
        uow.audit.append(now, "system", "channel.lost", f"channel:{name}", None, {"how": detail})
        self._log.error("channel_lost", channel=name, how=detail)
        if any(self._is_for(failed, name) for failed in uow.deliveries.failures_since(now - timedelta(days=1))):
            return  # a message was refused there already, and the PMO is told of that
        t = self._services.texts_for_channel()
        kept = t("What is due there meanwhile is kept, and sent when the bot can post again in time.")
        key = f"{KIND}:{name}:{_LOST}:{now.date().isoformat()}"
        # What Teams calls by an id reads as the channel's own name where it is drawn.
        shown = name if platform_of_channel(name) == TEAMS else ""
        self._tell(uow, key, name, f"{_loss(t, name, detail)} {kept}", now, shown)

    def _renamed(self, uow: UnitOfWork, name: str, new: str, now: datetime) -> None:
        if not name.startswith("#") or name == f"#{new}":
            return  # named by its id, which stays
        uow.audit.append(now, "system", "channel.renamed", f"channel:{name}", None, {"name": new})
        self._log.warning("channel_renamed", channel=name, now_called=f"#{new}")
        t = self._services.texts_for_channel()
        text = t(
            "The channel {name} is called #{new} now. Messages still arrive. Correct app.yaml before the next start.",
            name=name,
            new=new,
        )
        self._tell(uow, f"{KIND}:{name}:{_RENAMED}:{new}:{now.date().isoformat()}", "", text, now)

    def _back(self, uow: UnitOfWork, name: str, now: datetime) -> None:
        """Send what failed for want of the channel and is still of use, with what belongs to it."""
        if uow.notes.get(_note(name)) is not None:
            uow.notes.put(_note(name), None)
            uow.audit.append(now, "system", "channel.back", f"channel:{name}")
            self._log.info("channel_back", channel=name)
        for failed in uow.deliveries.failures_since(now - _LOOKED_BACK):
            if self._is_for(failed, name) and (failed.expires_at is None or failed.expires_at > now):
                for delivery in (failed, *followers(uow, failed)):
                    planned_again(uow, delivery, now)

    def _is_for(self, failed: Delivery, name: str) -> bool:
        codes = self._gone.get(platform_of_channel(name), ())
        return failed.target == f"channel:{name}" and failed.error.startswith(codes)

    def _tell(self, uow: UnitOfWork, key: str, lost: str, text: str, now: datetime, name: str = "") -> None:
        message = to_json(Message(text, (Paragraph(_spans(text, name)),)))
        for target in self._told(uow, lost):
            plan(uow, key=f"{key}:{target}", kind=KIND, target=target, now=now, content=message)

    def _told(self, uow: UnitOfWork, lost: str) -> Iterator[str]:
        """The PMO's channel; its people when there is none, or when that is what was lost."""
        channel = self._services.policy.pmo_channel
        if channel is not None and channel != lost:
            yield f"channel:{channel}"
            return
        for name in self._services.policy.roles.get(Role.PMO, ()):
            person = uow.people.by_email(name) if "@" in name else None
            if person is not None:
                yield f"person:{person.id}"


def _spans(text: str, name: str) -> Spans:
    """A text with a channel's name in it, drawn as a link to the channel; without a name as it is."""
    before, found, after = text.partition(name) if name else (text, "", "")
    return (Plain(before), Channel(name), Plain(after)) if found else (Plain(text),)


def _note(name: str) -> str:
    return f"channel.lost.{name}"


def _loss(t: Texts, name: str, how: str) -> str:
    """What happened to a channel, and what to do."""
    if how == "archived":
        return t("The channel {name} was archived. Restore it, or name another one in app.yaml.", name=name)
    if how == "deleted":
        return t("The channel {name} was deleted. Restore it, or name another one in app.yaml.", name=name)
    if platform_of_channel(name) == TEAMS:
        return t("The app was removed from the team of the channel {name}. Add it to that team again.", name=name)
    return t("The bot was removed from the channel {name}. Type /invite @rollcall there.", name=name)
