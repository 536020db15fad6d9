"""The rooms that need no chat: the store of a database, and the rules over it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from bot.engine.choice import make_store, prepare
from digests.composer import Composer
from reporting.policy import Policy
from reporting.ports import Clock
from reporting.routing import PLATFORMS
from reporting.services.context import Services
from reporting.texts import Catalogues, Texts
from storage import migrate
from storage.engines import sqlite_path
from storage.moved import refuse_moved
from storage.store import SqlStore


def open_store(database_url: str) -> SqlStore:
    """The store, with tables: made in a new database, asked for in an old one.

    Raises:
        BadDatabaseUrl: the address cannot be used.
        DatabaseFault: it cannot be opened, its tables are not those of this program, or it was moved elsewhere.
    """
    if migrate.current(database_url) is None:
        prepare(database_url)
    migrate.require_current(database_url)
    store = make_store(database_url)
    try:
        refuse_moved(store)
    except migrate.DatabaseFault:
        store.dispose()
        raise
    return store


def open_existing(database_url: str) -> SqlStore:
    """The store of a database that is there, for looking only: none is made.

    Raises:
        BadDatabaseUrl: the address cannot be used.
        DatabaseFault: there is none, it cannot be opened, or its tables are not those of this program.
    """
    if migrate.current(database_url) is None:
        raise migrate.DatabaseFault(no_database(database_url))
    migrate.require_current(database_url)
    return make_store(database_url)


def no_database(database_url: str) -> str:
    """That there is none, in words."""
    place = sqlite_path(database_url) or "the address given"
    return (
        f"There is no database yet at {place}: `rollcall run` and `rollcall import` make one; "
        "ROLLCALL_DATA and ROLLCALL_DATABASE_URL say where."
    )


def make_services(policy: Policy, store: SqlStore, clock: Clock, platforms: Collection[str] = PLATFORMS) -> Services:
    """The rules over a store, without any chat: enough for imports, previews and checks.

    Args:
        platforms: the chat systems that people can be written to in.
    """
    catalogues = Catalogues(policy.locale, Path(policy.locales) if policy.locales else None)
    return Services(store, clock, policy, catalogues, Composer(catalogues, policy), platforms=frozenset(platforms))


def log_texts() -> Texts:
    """English, for the log and for operators, whatever language people are spoken to in."""
    return Catalogues("en-GB").texts("en-GB")
