"""Where people, channels and teams are reached is kept, the newest of each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from reporting.ports import Conversation
from storage.store import SqlStore

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANA = Conversation("teams", "T1", "ana", "personal", "a:1", "https://emea.example/", "", "", "", NOW)
GENERAL = Conversation("teams", "T1", "19:g", "channel", "19:g", "https://emea.example/", "General", "19:t", "", NOW)


def test_the_newest_word_of_a_conversation_counts(store: SqlStore) -> None:
    moved = replace(ANA, address="https://amer.example/", gone="blocked", seen_at=NOW + timedelta(hours=1))
    with store.begin() as uow:
        uow.conversations.put(ANA)
        uow.conversations.put(moved)
    with store.read() as uow:
        assert uow.conversations.get("teams", "T1", "ana") == moved
        assert uow.conversations.get("teams", "T2", "ana") is None
        assert uow.conversations.by_conversation("teams", "T1", "a:1") == moved
        assert uow.conversations.by_conversation("teams", "T1", "a:2") is None


def test_all_of_a_kind_come_by_name(store: SqlStore) -> None:
    board = replace(GENERAL, owner="19:b", conversation="19:b", name="Board")
    with store.begin() as uow:
        for one in (GENERAL, ANA, board, replace(GENERAL, workspace="T2")):
            uow.conversations.put(one)
    with store.read() as uow:
        assert uow.conversations.of_kind("teams", "T1", "channel") == [board, GENERAL]
