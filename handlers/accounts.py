"""Buttons about chat accounts: whose they are, and where somebody is written to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from handlers.handler import ActionHandler, FormHandler, numbers
from reporting.interactions import Click, Reply, Say
from reporting.model import Identity
from reporting.ports import UnitOfWork
from reporting.query import Query, Verb
from reporting.services import answers, linking, people
from reporting.services.access import Gone, Reader, require_met
from reporting.services.answers_person import OWN, sheet
from reporting.services.context import Services

_NAMED = 3


def confirm(services: Services, reader: Reader, click: Click) -> Reply:
    """An account is the reader's."""
    now = services.clock.now()
    return _done(services, reader, click, lambda uow, value: linking.confirm(services, uow, reader, _id(value), now))


def refuse(services: Services, reader: Reader, click: Click) -> Reply:
    """An account is not the reader's."""
    now = services.clock.now()
    return _done(services, reader, click, lambda uow, value: linking.refuse(uow, reader, _id(value), now))


def prefer(services: Services, reader: Reader, click: Click) -> Reply:
    """Where the reader wants to be written to."""
    now = services.clock.now()
    return _done(services, reader, click, lambda uow, value: linking.prefer(services, uow, reader, value, now))


def remove(services: Services, reader: Reader, click: Click) -> Reply:
    """An account is the reader's no more."""
    now = services.clock.now()
    return _done(services, reader, click, lambda uow, value: linking.remove(uow, reader, _account(value), now))


def vouch(services: Services, reader: Reader, click: Click) -> Reply:
    """The PMO links an account with somebody."""
    with services.store.begin() as uow:
        linked = linking.vouch(services, uow, reader, _id(click.value), services.clock.now())
        return (Say(sheet(answers.ask_of(services, uow, reader, Query(Verb.PERSON)), linked), replace=True),)


def _done(services: Services, reader: Reader, click: Click, do: Callable[[UnitOfWork, str], object]) -> Reply:
    """Do it; the question that was put shows by itself what became of it, the view of one's own accounts here."""
    require_met(reader)
    with services.store.begin() as uow:
        do(uow, click.value.removeprefix(OWN))
        if not click.value.startswith(OWN):
            return ()
        fresh = people.reader(uow, services, reader.identity)
        return (Say(answers.answer(services, uow, fresh, Query(Verb.ME)), replace=True),)


def _id(value: str) -> int:
    ids = numbers(value, 1)
    if ids is None:
        raise Gone("no such question")
    return ids[0]


def _account(value: str) -> Identity:
    named = value.split(":", _NAMED - 1)
    if len(named) != _NAMED:
        raise Gone("no such account")
    return Identity(*named)


ACTIONS: Mapping[str, ActionHandler] = MappingProxyType(
    {
        "account.confirm": confirm,
        "account.refuse": refuse,
        "account.prefer": prefer,
        "account.remove": remove,
        "account.vouch": vouch,
    }
)
FORMS: Mapping[str, FormHandler] = MappingProxyType({})
OPENS: frozenset[str] = frozenset()
