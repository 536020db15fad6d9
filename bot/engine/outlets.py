"""The chat systems that deliveries can go out by, and by which of them one goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from bot.engine.slots import Slots
from bot.engine.turns import begun
from reporting.ledger import Delivery
from reporting.model import account_of
from reporting.ports import AppFault, Messenger, UnitOfWork
from reporting.routing import platform_of_channel
from reporting.texts import Texts

NOT_SET_UP = "the chat system is not set up"
"""The error of a delivery that only a chat system could carry which is not among the outlets."""
NOT_BY = "not_by"
"""In a delivery's subject: the chat system that it must not go by, whatever the person prefers."""
Remedy = Callable[[Texts, str], str]
"""What to do about an error, in the reader's words."""


def names_blocks(fault: AppFault) -> bool:
    """Whether a refusal says by its code that it is about blocks."""
    return "blocks" in fault.code


def _check(_code: str) -> str:
    return "check the tokens, then start again"


@dataclass(frozen=True, slots=True)
class Outlet:
    """One chat system as deliveries see it.

    Attributes:
        slots: its rate slots.
        find_account: looks for the chat account of a person who has none yet, before they are given up.
        about_blocks: whether a refusal of a message is about its blocks, so that plainer ones may be taken.
        remedy: what to do when the installation has ended with a code, for the log.
    """

    messenger: Messenger
    slots: Slots
    find_account: Callable[[int], Awaitable[bool]] | None = None
    about_blocks: Callable[[AppFault], bool] = names_blocks
    remedy: Callable[[str], str] = _check


@dataclass(frozen=True, slots=True)
class Way:
    """How a delivery gets to its target.

    Attributes:
        platform: the chat system; empty when the person has no account in any of those at hand.
        target: channel id, `#name` or chat user id; empty when there is none.
        stranger: the person without an account, or None.
    """

    platform: str
    target: str
    stranger: int | None = None


def way_of(uow: UnitOfWork, delivery: Delivery, platforms: Collection[str]) -> Way:
    """By which chat system, and to whom there. What is begun, edited or answered stays where it is."""
    kind, _, name = delivery.target.partition(":")
    bound = delivery.platform if begun(delivery) else _linked(uow, delivery)
    if kind != "person":
        return Way(bound or platform_of_channel(name), name)
    person = uow.people.get(int(name))
    usable = {bound} if bound else {each for each in platforms if each != delivery.subject.get(NOT_BY)}
    account = account_of(person, usable) if person is not None else None
    return Way(bound, "", int(name)) if account is None else Way(account.platform, account.user_id)


def _linked(uow: UnitOfWork, delivery: Delivery) -> str:
    """Where the message is that this one changes or answers; empty when there is none, or it is not there yet."""
    key = delivery.updates or delivery.thread_of
    other = uow.deliveries.by_key(key) if key is not None else None
    return other.platform if other is not None and other.parts is not None else ""
