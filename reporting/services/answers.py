"""Answers questions: a query in, a private message out. Nobody learns of a project that they may not see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from reporting.messages import Message
from reporting.model import Project
from reporting.ports import UnitOfWork
from reporting.query import Query, Verb
from reporting.services import (
    answers_help,
    answers_history,
    answers_lists,
    answers_person,
    answers_project,
    answers_trend,
)
from reporting.services.access import Reader
from reporting.services.answers_scope import Ask, Unanswered, fault_answer
from reporting.services.context import Services

__all__ = ["ANSWERS", "answer", "answer_project", "ask_of", "fault_answer", "greeting"]

ANSWERS: dict[Verb, Callable[[Ask], Message]] = {
    Verb.OVERVIEW: answers_lists.overview,
    Verb.LIST: answers_lists.listed,
    Verb.PROJECT: answers_project.project,
    Verb.RISKS: answers_lists.risks,
    Verb.MINE: answers_lists.mine,
    Verb.HISTORY: answers_history.history,
    Verb.TREND: answers_trend.trend,
    Verb.DIGEST: answers_trend.digest,
    Verb.HELP: answers_help.help_answer,
    Verb.ME: answers_person.me,
    Verb.PERSON: answers_person.person,
}
"""Every question; the commands that do something are the handlers' work."""


def answer(services: Services, uow: UnitOfWork, reader: Reader, query: Query, chatting: bool = False) -> Message:
    """Answer a question with what the reader may see.

    Args:
        chatting: what was written may be no question at all, but a greeting.

    Raises:
        KeyError: the query is a command that does something (see `ANSWERS`).
    """
    try:
        return ANSWERS[query.verb](ask_of(services, uow, reader, query))
    except Unanswered as other:
        return greeting(services, uow, reader) if chatting and other.lost else other.message


def answer_project(services: Services, uow: UnitOfWork, reader: Reader, project: Project, history: bool) -> Message:
    """One project, or its history, by the project itself; the caller has checked that the reader may see it."""
    if history:
        return answers_history.history_answer(ask_of(services, uow, reader, Query(Verb.HISTORY, project.key)), project)
    return answers_project.project_answer(ask_of(services, uow, reader, Query(Verb.PROJECT, project.key)), project)


def greeting(services: Services, uow: UnitOfWork, reader: Reader) -> Message:
    """Two lines on what can be asked."""
    return answers_help.short_help(ask_of(services, uow, reader, Query(Verb.HELP)))


def ask_of(services: Services, uow: UnitOfWork, reader: Reader, query: Query, now: datetime | None = None) -> Ask:
    """A question at this moment."""
    return Ask(services, uow, reader, query, now or services.clock.now())
