"""The grammar of `/rag`: words in, a query out, and back.

Filters (`portfolio:imaging`) may stand anywhere. Of the other words the first may be a command that takes an argument
(`history BEAM`); when all of them are plain words of the grammar (`red worse mine`) they combine in any order;
else they are a project's key or part of its name. What stands in quotes is always a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reporting.model import ProjectState
from reporting.query import COLOURS, COMMANDS, FILTERS, Fault, Query, Verb, canonical_since, nearest

_PLAIN = (*COLOURS, "worse", "better", "mine", "risks", "trend")
_FILES = ("csv", "xlsx")
_RESERVED = frozenset({*_PLAIN, *_FILES, *(word for command in COMMANDS for word in command.split()), "project"})
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_TOKEN = re.compile(r'\s*(?:(?P<key>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]*))')
_SIMPLE = re.compile(r"[\w-]+")
_RISK = re.compile(r"(>=|<=|=|>|<)?\s*([0-9]{1,2})")


def parse(text: str) -> Query | Fault:
    """Read a question. Any text gives a query or a fault; upper and lower case are the same."""
    try:
        return _parse(text)
    except _Stop as stop:
        return stop.fault


def format_query(query: Query) -> str:
    """The text that parses to this query, for buttons and for saying what was understood."""
    words = [*_verb_words(query), *_plain_words(query)]
    filters = [("portfolio", value) for value in query.portfolios]
    filters += [("lead", value) for value in query.leads]
    filters += [("since", query.since)] if query.since else []
    filters += [("risk", f"{query.risk_op}{query.risk_score}")] if query.risk_op else []
    filters += [("state", value) for value in _state_words(query.states)]
    filters += [("page", str(query.page))] if query.page > 1 else []
    return " ".join([*words, *(f"{key}:{_quote(value)}" for key, value in filters)])


# ---------------------------------------------------------------- reading


class _Stop(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    key: str = ""
    quoted: bool = False

    @property
    def word(self) -> str:
        """The word in lower case; empty for a quoted name, which is never a word of the grammar."""
        return "" if self.quoted else self.text.lower()

    @property
    def waits(self) -> bool:
        """Whether it is a filter still without its value."""
        return bool(self.key) and not self.quoted and self.text.strip("<>=") == ""

    @property
    def mentions(self) -> bool:
        return not self.quoted and self.text.startswith("@") and len(self.text) > 1


def _parse(text: str) -> Query:
    query = Query()
    words: list[_Token] = []
    for token in _joined(_tokens(text)):
        if token.key:
            query = _filter(query, token)
        else:
            words.append(token)
    mentions = [token for token in words if token.mentions]
    others = [token for token in words if not token.mentions]
    if others and others[0].word in (Verb.ABSENCE, Verb.PERSON):
        return replace(query, verb=Verb(others[0].word), subject=_subject([*mentions, *others[1:]]).lstrip("@ "))
    for token in mentions:
        query = _lead(query, token)
    return _commands(query, others)


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text.translate(_QUOTES)):
        quoted = match["quoted"] is not None
        value = " ".join((match["quoted"] if quoted else match["bare"] or "").split())
        if value or match["key"]:
            found.append(_Token(value, (match["key"] or "").lower(), quoted))
    return found


def _joined(tokens: list[_Token]) -> list[_Token]:
    """Give a filter with nothing behind its colon the word that follows: `portfolio: imaging`, `risk:>= 12`."""
    found: list[_Token] = []
    for token in tokens:
        last = found[-1] if found else None
        if last is not None and last.waits and not token.key:
            found[-1] = replace(token, key=last.key, text=last.text + token.text)
        else:
            found.append(token)
    return found


def _subject(words: Sequence[_Token]) -> str:
    return " ".join(token.text for token in words)


def _commands(query: Query, words: list[_Token]) -> Query:
    if all(token.word in _PLAIN for token in words):
        return _settled(_plain(query, words))
    if [token.word for token in words] == [Verb.ME]:
        # With more words it is the beginning of a name.
        return replace(query, verb=Verb.ME)
    head = _HEADS.get(words[0].word)
    if head is not None and (len(words) > 1 or words[0].word != "project"):
        return head(query, words[1:])
    return _with_subject(Verb.PROJECT)(query, words)


def _with_subject(verb: Verb) -> _Reader:
    return lambda query, rest: replace(query, verb=verb, subject=_subject(rest))


def _plain(query: Query, words: Sequence[_Token], allowed: Sequence[str] = _PLAIN) -> Query:
    for token in words:
        word = token.word
        if word not in allowed:
            raise _Stop(Fault("word", token.text, suggestion=nearest(token.text, allowed)))
        if word in COLOURS:
            wanted = {*query.colours, COLOURS[word]}
            query = replace(query, colours=tuple(colour for colour in COLOURS.values() if colour in wanted))
        elif word in ("worse", "better"):
            query = replace(query, moved=_once(query.moved, word, query.moved, word))
        elif word == "mine":
            query = replace(query, mine=True)
        else:
            old = "" if query.verb is Verb.OVERVIEW else query.verb.value
            query = replace(query, verb=Verb(_once(old, word, old, word)))
    return query


def _settled(query: Query) -> Query:
    if query.verb is not Verb.OVERVIEW:
        return query
    if query.colours or query.moved:
        return replace(query, verb=Verb.LIST)
    return replace(query, verb=Verb.MINE) if query.mine else query


def _two_words(verb: Verb, further: dict[str, Verb]) -> _Reader:
    """A command whose second word may make it another one; else what follows is its subject."""

    def read(query: Query, rest: list[_Token]) -> Query:
        second = further.get(rest[0].word) if rest else None
        return replace(query, verb=second or verb, subject=_subject(rest[1:] if second else rest))

    return read


def _remind(query: Query, rest: list[_Token]) -> Query:
    return replace(_plain(query, rest, (*COLOURS, "worse", "better", "mine")), verb=Verb.REMIND)


def _export(query: Query, rest: list[_Token]) -> Query:
    own = [token for token in rest if token.word in (*_FILES, "history")]
    for token in own:
        if token.word == "history":
            query = replace(query, history=True)
        else:
            query = replace(query, file=_once(query.file, token.word, query.file, token.word))
    others = [token for token in rest if token not in own]
    allowed = (*COLOURS, "worse", "better", "mine", *_FILES, "history")
    return replace(_plain(query, others, allowed), verb=Verb.EXPORT)


_Reader = Callable[[Query, list[_Token]], Query]
_HEADS: dict[str, _Reader] = {
    "help": _with_subject(Verb.HELP),
    "?": _with_subject(Verb.HELP),
    "history": _with_subject(Verb.HISTORY),
    "risks": _with_subject(Verb.RISKS),
    "trend": _with_subject(Verb.TREND),
    "digest": _two_words(Verb.DIGEST, {"preview": Verb.DIGEST_PREVIEW, "send": Verb.DIGEST_SEND}),
    "project": _two_words(Verb.PROJECT, {"add": Verb.PROJECT_ADD, "edit": Verb.PROJECT_EDIT}),
    "remind": _remind,
    "export": _export,
}


# ---------------------------------------------------------------- filters


def _once(old: str, new: str, old_shown: str, new_shown: str) -> str:
    """The new value, unless another one stands there already."""
    if old and old != new:
        raise _Stop(Fault("conflict", ", ".join(sorted((old_shown, new_shown)))))
    return new


def _filter(query: Query, token: _Token) -> Query:
    reader = _READERS.get(token.key)
    if reader is None:
        raise _Stop(Fault("filter", token.key, token.text, nearest(token.key, FILTERS)))
    if not token.text:
        raise _Stop(Fault("value", token.key))
    return reader(query, token)


def _names(token: _Token) -> set[str]:
    names = {token.text} if token.quoted else {part for part in token.text.split(",") if part}
    if not names:
        raise _Stop(Fault("value", token.key, token.text))
    return names


def _portfolio(query: Query, token: _Token) -> Query:
    return replace(query, portfolios=tuple(sorted({*query.portfolios, *_names(token)})))


def _lead(query: Query, token: _Token) -> Query:
    names = {name.lstrip("@ ") for name in _names(token)} - {""}
    if not names:
        raise _Stop(Fault("value", "lead", token.text))
    return replace(query, leads=tuple(sorted({*query.leads, *names})))


def _since(query: Query, token: _Token) -> Query:
    value = canonical_since(token.text)
    if value is None:
        raise _Stop(Fault("value", "since", token.text))
    return replace(query, since=_once(query.since, value, f"since:{query.since}", f"since:{value}"))


def _risk(query: Query, token: _Token) -> Query:
    match = _RISK.fullmatch(token.text.replace("≥", ">=").replace("≤", "<="))
    if match is None or not 1 <= int(match[2]) <= 25:
        raise _Stop(Fault("value", "risk", token.text))
    old = f"{query.risk_op}{query.risk_score}" if query.risk_op else ""
    new = f"{match[1] or '='}{int(match[2])}"
    _once(old, new, f"risk:{old}", f"risk:{new}")
    return replace(query, risk_op=match[1] or "=", risk_score=int(match[2]))


def _state(query: Query, token: _Token) -> Query:
    wanted = set(query.states)
    for name in _names(token):
        if name.lower() == "all":
            wanted |= set(ProjectState)
        elif name.lower() in list(ProjectState):
            wanted.add(ProjectState(name.lower()))
        else:
            suggestion = nearest(name, (*ProjectState, "all"))
            raise _Stop(Fault("value", "state", name, suggestion))
    return replace(query, states=tuple(state for state in ProjectState if state in wanted))


def _page(query: Query, token: _Token) -> Query:
    if not (token.text.isascii() and token.text.isdigit() and 1 <= int(token.text[:6]) <= 99999):
        raise _Stop(Fault("value", "page", token.text))
    page = int(token.text[:6])
    if page == 1:
        return query
    if query.page not in (1, page):
        raise _Stop(Fault("conflict", ", ".join(sorted((f"page:{query.page}", f"page:{page}")))))
    return replace(query, page=page)


_READERS: dict[str, Callable[[Query, _Token], Query]] = {
    "portfolio": _portfolio, "lead": _lead, "since": _since, "risk": _risk, "state": _state, "page": _page,
}  # fmt: skip


# ---------------------------------------------------------------- writing


def _verb_words(query: Query) -> list[str]:
    silent = (Verb.OVERVIEW, Verb.LIST, Verb.MINE, Verb.PROJECT)
    words = [] if query.verb in silent else [query.verb.value]
    words += [query.file] if query.file else []
    words += ["history"] if query.history else []
    return [*words, _quote(query.subject)] if query.subject else words


def _plain_words(query: Query) -> list[str]:
    words = [word for word, colour in COLOURS.items() if colour in query.colours]
    words += [query.moved] if query.moved else []
    return [*words, "mine"] if query.mine else words


def _state_words(states: tuple[ProjectState, ...]) -> tuple[str, ...]:
    return ("all",) if len(states) == len(ProjectState) else states


def _quote(text: str) -> str:
    plain = _SIMPLE.fullmatch(text) and text.lower() not in _RESERVED
    return text if plain or re.fullmatch(r"[<>=]{1,2}[0-9]+", text) else f'"{text}"'
