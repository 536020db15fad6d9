"""The home view of a person."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from handlers.handler import ActionHandler, FormHandler
from reporting.interactions import Home, Reply, ShowHome
from reporting.query import Query
from reporting.services import answers, answers_home
from reporting.services.access import Reader
from reporting.services.context import Services


def show_home(services: Services, reader: Reader) -> Reply:
    """Draw the person's home view as things stand now."""
    with services.store.read() as uow:
        blocks = answers_home.home_blocks(answers.ask_of(services, uow, reader, Query()))
    return (ShowHome(Home(blocks)),)


ACTIONS: Mapping[str, ActionHandler] = MappingProxyType({})
FORMS: Mapping[str, FormHandler] = MappingProxyType({})
OPENS: frozenset[str] = frozenset()
