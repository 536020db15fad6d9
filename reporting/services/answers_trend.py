"""Answers about the portfolio over time: the trend, and digests as they were shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from reporting.calendar import latest_day
from reporting.ledger import Digest
from reporting.messages import (
    Actions,
    Block,
    Cell,
    Channel,
    Chart,
    Message,
    Note,
    NumberCell,
    Plain,
    Series,
    Table,
)
from reporting.model import ProjectState
from reporting.policy import DigestPolicy
from reporting.query import Query, Verb, canonical_since, nearest
from reporting.services import answers_parts as parts
from reporting.services import digests
from reporting.services.answers_history import history
from reporting.services.answers_scope import Ask, run, said, scope
from reporting.services.planning import digest_calendar
from reporting.services.wording import woven

PERIODS = 12
MOST = 260
"""Periods of a trend: shown by default, and at most (five years of weeks)."""

SEARCHED, NEAR = 1000, 20
"""Periods looked through for the digest nearest to a day, and those nearest that are tried."""


def trend(ask: Ask) -> Message:
    """Counts by period, as a chart and a table; with a subject, one project's history."""
    if ask.query.subject:
        return history(replace(ask, query=replace(ask.query, verb=Verb.HISTORY)))
    t, since = ask.t, ask.since
    where = replace(scope(ask, tuple(ProjectState)), colours=(), moved="")
    found = ask.uow.board.counts_by_period(where, MOST if since else PERIODS)
    rows = [row for row in found if since is None or row[0] >= since]
    if not rows:
        return said(t("There is no period to show."))
    days = [parts.day(ask, row[0]) for row in rows]
    line = t("Projects by colour, {first} to {last}", first=days[0], last=days[-1])
    line = line if len(days) > 1 else t("Projects by colour, {day}", day=days[0])
    names = (t("Red"), t("Amber"), t("Green"), t("Not reported"))
    counts = [(red, amber, green, missing) for _, red, amber, green, missing in rows]
    series = tuple(
        Series(name, tuple(float(n) for n in by_colour))
        for name, by_colour in zip(names, zip(*counts, strict=True), strict=True)
    )
    lines = "\n".join(f"{s.name}: {' '.join(t.number(int(v)) for v in s.values)}" for s in series)
    chart = Chart("line", line, tuple(days), series, (Plain(lines),), x_label=t("Period"), y_label=t("Projects"))
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        ((Plain(day),), *(NumberCell(n, t.number(n)) for n in row))
        for day, row in zip(reversed(days), reversed(counts), strict=True)
    )
    table = Table(t("The same in numbers"), (t("Period"), *names), cells, page_size=parts.PAGE)
    blocks: list[Block] = [chart, table]
    if since is None and len(rows) == PERIODS:
        blocks.append(Note((Plain(t("The last {n} periods; since:52w goes further back.", n=PERIODS)),)))
    return Message(line, tuple(blocks))


# ---------------------------------------------------------------- digests


def digest(ask: Ask) -> Message:
    """The newest digest that the reader may see, or the one of a name or day, exactly as it was shown."""
    t, subject = ask.t, ask.query.subject
    day = canonical_since(subject) if subject[:1].isdigit() and "-" in subject else None
    policies = _named(ask, "" if day else subject)
    if not policies:
        return _no_name(ask, subject)
    wanted = date.fromisoformat(day) if day else None
    shown = [(policy, found) for policy in policies if (found := _shown(ask, policy, wanted))]
    if not shown:
        return _none_of(ask, policies, wanted) if wanted else said(t("No digest has been posted yet."))
    policy, newest = max(shown, key=lambda pair: (pair[1].day, pair[1].composed_at))
    note = woven(
        t("As shown in {channel}, composed {moment}."),
        channel=(Channel(policy.channel),),
        moment=(Plain(t.moment(newest.composed_at)),),
    )
    others = [Query(Verb.DIGEST, p.name) for p, _ in shown if p is not policy][:5]
    buttons = tuple(run(query.subject, query) for query in others)
    tail: list[Block] = [Note(note), *([Actions(buttons)] if buttons else [])]
    message = digests.as_shown(ask.uow, newest.id)[0]
    return Message(message.summary, (*message.blocks, *tail))


def _named(ask: Ask, name: str) -> list[DigestPolicy]:
    """Digests of the policy that the reader may see, all or those of a name."""
    cleared = ask.reader.sees_confidential
    return [
        policy
        for policy in ask.services.policy.digests
        if (cleared or not policy.confidential) and (not name or name.casefold() == policy.name.casefold())
    ]


def _no_name(ask: Ask, name: str) -> Message:
    t = ask.t
    names = [policy.name for policy in _named(ask, "")]
    right = nearest(name, [*names, "preview", "send"])
    if right in names:
        return said(t("No digest {name}. Did you mean {right}?", name=name, right=right),
                    Actions((run(right, Query(Verb.DIGEST, right)),)))  # fmt: skip
    return said(t("No digest {name}. There are: {names}.", name=name, names=", ".join(names) or "–"))


def _none_of(ask: Ask, policies: list[DigestPolicy], day: date) -> Message:
    """That there is none of a day, with the nearest one that there is."""
    t = ask.t
    line = t("No digest of {day}.", day=t.short_day(day))
    found = [near for policy in policies if (near := _nearest(ask, policy, day)) is not None]
    if not found:
        return said(line)
    near = min(found, key=lambda digest: abs(digest.day - day))
    label = parts.period_label(ask, near.day, "")
    button = run(label, Query(Verb.DIGEST, near.day.isoformat()))
    return said(t("{line} The nearest is that of {period}.", line=line, period=label), Actions((button,)))


def _nearest(ask: Ask, policy: DigestPolicy, day: date) -> Digest | None:
    periods = ask.uow.periods.recent(digest_calendar(ask.services, policy).name, SEARCHED)
    told = ask.uow.digests.shown([period.id for period in periods])
    near = sorted((p.day for p in periods if p.id in told), key=lambda each: abs(each - day))
    return next((found for each in near[:NEAR] if (found := _visible(ask, _kept(ask, policy, each)))), None)


def _shown(ask: Ask, policy: DigestPolicy, day: date | None) -> Digest | None:
    """The newest digest, or the one of a day, if it has arrived and the reader may see it."""
    if day is None:
        return _visible(ask, _newest(ask, policy))
    return next((found for kept in _of_day(ask, policy, day) if (found := _visible(ask, kept))), None)


def _of_day(ask: Ask, policy: DigestPolicy, day: date) -> Iterator[Digest | None]:
    """Whose period begins on a day, then what was posted on it, then whose period it lies in."""
    yield _kept(ask, policy, day)
    calendar = digest_calendar(ask.services, policy)
    around = latest_day(calendar, day)
    before = latest_day(calendar, around - timedelta(days=1)) if around else None
    for each in (around, before):
        # A digest may be posted after the next period has begun.
        if each is not None and _posted_on(ask, policy, each) == day:
            yield _kept(ask, policy, each)
    if around is not None:
        yield _kept(ask, policy, around)


def _posted_on(ask: Ask, policy: DigestPolicy, day: date) -> date | None:
    delivery = ask.uow.deliveries.by_key(digests.base_key(policy.name, day))
    sent = delivery.sent_at if delivery is not None else None
    return ask.services.today(sent) if sent is not None else None


def _visible(ask: Ask, found: Digest | None) -> Digest | None:
    if found is None or not digests.as_shown(ask.uow, found.id):
        return None
    if ask.reader.sees_confidential:
        return found
    # What was open when it was posted may have become confidential since.
    projects = ask.uow.projects.many(set(_project_ids(found.view)))
    return found if all(ask.reader.may_see(project) for project in projects.values()) else None


def _newest(ask: Ask, policy: DigestPolicy) -> Digest | None:
    newest = ask.uow.digests.latest(policy.channel)
    if newest is None or newest.view.get("name") == policy.name:
        return newest
    # Another digest of the same channel; ours of that day, if there is one.
    return _kept(ask, policy, newest.day)


def _kept(ask: Ask, policy: DigestPolicy, day: date) -> Digest | None:
    delivery = ask.uow.deliveries.by_key(digests.base_key(policy.name, day))
    return ask.uow.digests.get(int(delivery.subject["digest"])) if delivery is not None else None


def _project_ids(view: Mapping[str, Any]) -> Iterator[int]:
    for name in ("worse", "better", "standing", "missing", "greens", "excused"):
        yield from (item["id"] for item in view.get(name, ()) if isinstance(item, Mapping) and "id" in item)
