"""Posts digests and keeps them true: what a channel was shown is kept, a late or corrected report edits it in place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from reporting.ledger import Delivery, DeliveryState, Digest
from reporting.messages import Message, Paragraph, Plain
from reporting.messages_json import from_json, to_json
from reporting.model import Project, Rag
from reporting.policy import DigestPolicy
from reporting.ports import Composed, Later, UnitOfWork
from reporting.services import outbox
from reporting.services.access import Gone
from reporting.services.context import Services
from reporting.services.digest_data import digest_view
from reporting.services.wording import rag_word
from reporting.texts import Texts

View = dict[str, Any]

REFRESH = "digest.refresh"
"""The task that brings digests that are out up to date; its handler calls `refresh`."""

RECHECK = "digest.recheck"
"""The task that looks a digest over after it was posted; its handler calls `recheck`."""

_COMING = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.SENT)


def compose_now(
    services: Services,
    uow: UnitOfWork,
    digest: DigestPolicy,
    now: datetime,
    since: datetime | None = None,
    revises: Digest | None = None,
) -> tuple[Composed, View, tuple[int, ...]]:
    """A digest as it would read now, its data and its periods; of one that `revises` another, as of its own periods."""
    view, period_ids = digest_view(services, uow, digest, now, since, revises)
    composed = services.composer.digest(digest.template, view, digest.locale or services.policy.locale)
    return composed, view, period_ids


def preview(services: Services, uow: UnitOfWork, digest: DigestPolicy, now: datetime) -> Composed:
    """A digest as it would read now; nothing is stored or sent."""
    return compose_now(services, uow, digest, now)[0]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A digest drawn from one consistent picture of the register, not yet kept."""

    digest: DigestPolicy
    composed: Composed
    view: View
    period_ids: tuple[int, ...]
    revises: Digest | None = None


def draw(services: Services, uow: UnitOfWork, digest: DigestPolicy, day: date, now: datetime) -> Drawn | None:
    """Compose a digest for a day; None when it is known already.

    A large one takes its time: draw in a reading transaction, so that nobody waits, and then `post` it.
    """
    if uow.deliveries.by_key(base_key(digest.name, day)) is not None:
        return None
    return Drawn(digest, *compose_now(services, uow, digest, now))


def post(services: Services, uow: UnitOfWork, drawn: Drawn, day: date, now: datetime) -> Digest | None:
    """Keep a digest and plan its messages. Once for a digest and day.

    Args:
        day: the period's day, the digest's identity.

    Returns:
        The digest as kept, or None when it is known already.
    """
    digest, composed = drawn.digest, drawn.composed
    key = base_key(digest.name, day)
    if uow.deliveries.by_key(key) is not None:
        return None
    kept = uow.digests.add(
        Digest(0, digest.channel, day, drawn.period_ids, now, digest.template, composed.markdown, drawn.view)
    )
    posting = _Post(services, uow, digest, kept, now)
    posting.new(key, "digest", composed.message)
    for number, message in enumerate(composed.details, 1):
        posting.new(detail_key(key, number), "digest_detail", message, thread_of=key)
    uow.audit.append(now, "system", "digest.composed", f"digest:{kept.id}", None, {"name": digest.name, "revision": 1})
    # A report that came between drawing and posting is not in it, and found no digest to bring up to date.
    uow.jobs.enqueue(RECHECK, {"digest_id": kept.id}, key=f"{RECHECK}:{kept.id}")
    return kept


def look_over(services: Services, uow: UnitOfWork, project: Project, now: datetime) -> None:
    """A project's clearance changed: have the newest digest of each channel looked over, and those of its period."""
    standing = uow.board.get(project.id)
    kept = {digest.id for digest in uow.digests.with_period(standing.period_id)} if standing else set()
    newest = (uow.digests.latest(digest.channel) for digest in services.policy.digests)
    for digest_id in sorted(kept | {digest.id for digest in newest if digest is not None}):
        key = f"{RECHECK}:{digest_id}:{project.id}:{now.isoformat()}"
        uow.jobs.enqueue(RECHECK, {"digest_id": digest_id}, key=key)


def recheck(services: Services, digest_id: int) -> None:
    """Draw a digest that is out once more, as of its time, and edit it if it should read differently.

    Raises:
        Later: it was revised meanwhile; nothing was changed.
    """
    with services.store.read() as uow:
        kept = uow.digests.get(digest_id)
        assert kept is not None, "a digest is never deleted"
        digest = next((d for d in services.policy.digests if d.name == kept.view.get("name")), None)
        if digest is None:
            return  # gone from the policy
        drawn = _drawn_anew(services, uow, digest, kept, kept.composed_at)
    if drawn.composed.markdown != kept.markdown:
        with services.store.begin() as uow:
            _revise(services, uow, drawn, services.clock.now(), kept.composed_at)


# ---------------------------------------------------------------- late and corrected reports


def announce(uow: UnitOfWork, period_id: int, project: Project, news: Mapping[str, Any]) -> None:
    """Have the digests of a period that are out already brought up to date, after this transaction.

    The work is a job of its own: drawing a large digest anew must not hold up the person who sent the report.

    Args:
        news: `kind` and `revision`, which tells it from other news of the period. A `late` or `corrected` report has
            `rag`, `was` and `reason`, a `decision` has `name`, `outcome` and `words`.
    """
    if uow.digests.shown([period_id]):
        uow.jobs.enqueue(
            REFRESH,
            {"period_id": period_id, "project_id": project.id, "news": dict(news)},
            key=f"{REFRESH}:{period_id}:{project.id}:{news['revision']}",
        )


def refresh(services: Services, period_id: int, project_id: int, news: Mapping[str, Any], now: datetime) -> None:
    """Edit the digests that are out, with one line in their thread; one of periods gone by is drawn as of them.

    Raises:
        Later: one was revised meanwhile; nothing was changed.
    """
    with services.store.read() as uow:
        project = uow.projects.get(project_id)
        assert project is not None, "a project is never deleted"
        drawn = [_drawn_anew(services, uow, digest, kept, now) for digest, kept in _showing(services, uow, period_id,
                                                                                           project)]  # fmt: skip
    with services.store.begin() as uow:
        for one in drawn:
            _tell(services, uow, one, project, news, now)


def _showing(
    services: Services, uow: UnitOfWork, period_id: int, project: Project
) -> Iterator[tuple[DigestPolicy, Digest]]:
    policies = {digest.name: digest for digest in services.policy.digests}
    portfolio = uow.projects.portfolio(project.portfolio_id)
    for kept in uow.digests.with_period(period_id):
        digest = policies.get(str(kept.view.get("name")))
        if digest is None or (digest.portfolios and (portfolio is None or portfolio.key not in digest.portfolios)):
            continue
        if digest.confidential or not project.confidential:
            yield digest, kept


def _drawn_anew(services: Services, uow: UnitOfWork, digest: DigestPolicy, kept: Digest, now: datetime) -> Drawn:
    since = kept.view.get("since")
    composed = compose_now(services, uow, digest, now, datetime.fromisoformat(since) if since else None, kept)
    return Drawn(digest, *composed, revises=kept)


def _tell(
    services: Services, uow: UnitOfWork, drawn: Drawn, project: Project, news: Mapping[str, Any], now: datetime
) -> None:
    assert drawn.revises is not None, "drawn for a digest that is out"
    key = base_key(drawn.digest.name, drawn.revises.day)
    told = f"{key}:news:{project.id}:{news['revision']}"
    if uow.deliveries.by_key(told) is not None:
        return  # this job has run before
    posting = _revise(services, uow, drawn, now)
    line = news_line(project, news, services.texts_for_channel(drawn.digest.locale, drawn.digest.channel))
    posting.new(told, "digest_detail", Message(line, (Paragraph((Plain(line),)),)), thread_of=key)


def _revise(services: Services, uow: UnitOfWork, drawn: Drawn, now: datetime, as_of: datetime | None = None) -> _Post:
    """Keep a newer revision and plan its edits.

    Args:
        as_of: the instant that it shows, where that is not `now`.
    """
    assert drawn.revises is not None, "drawn for a digest that is out"
    digest, kept = drawn.digest, uow.digests.get(drawn.revises.id)
    assert kept is not None, "a digest is never deleted"
    if kept.revision != drawn.revises.revision:
        # Whoever revised it meanwhile may have seen more than this drawing, or less: draw it once more.
        raise Later(0)
    revised = replace(kept, revision=kept.revision + 1)
    posting = _Post(services, uow, digest, revised, now)
    composed = drawn.composed
    uow.digests.save(
        replace(
            revised, composed_at=as_of or now, template=digest.template, markdown=composed.markdown, view=drawn.view
        )
    )
    _edit(posting, base_key(digest.name, kept.day), [composed.message, *composed.details])
    return posting


def _edit(post: _Post, key: str, messages: Sequence[Message]) -> None:
    """Edit what changed, post what is new, and say of what is gone that it moved."""
    # What is on its way counts as shown; what came to nothing is written anew.
    shown = _newest(post.uow, key, post.kept.revision - 1, _COMING)
    for number, message in enumerate(messages):
        own = detail_key(key, number) if number else key
        if post.uow.deliveries.by_key(own) is None:
            post.new(own, "digest_detail", message, thread_of=key)
        elif shown.get(number) != to_json(message):
            post.edit(own, message)
    t = post.services.texts_for_channel(post.digest.locale, post.digest.channel)
    moved = t("Nothing stands here any more; see the messages above.")
    gone = Message(moved, (Paragraph((Plain(moved),)),))
    for number in sorted(shown):
        if number >= len(messages) and shown[number] != to_json(gone):
            post.edit(detail_key(key, number), gone)


@dataclass(frozen=True, slots=True)
class _Post:
    """Plans the messages of one revision of a digest."""

    services: Services
    uow: UnitOfWork
    digest: DigestPolicy
    kept: Digest
    now: datetime

    def new(self, key: str, kind: str, message: Message, thread_of: str | None = None) -> None:
        """A message of its own."""
        self._plan(key, kind, message, thread_of=thread_of)

    def edit(self, key: str, message: Message) -> None:
        """A newer text for a message that is out."""
        kind = "digest_detail" if ":detail:" in key else "digest"
        self._plan(f"{key}:r{self.kept.revision}", kind, message, updates=key)

    def _plan(
        self, key: str, kind: str, message: Message, thread_of: str | None = None, updates: str | None = None
    ) -> None:
        outbox.plan(
            self.uow,
            key=key,
            kind=kind,
            target=f"channel:{self.digest.channel}",
            now=self.now,
            subject={"digest": self.kept.id, "revision": self.kept.revision},
            grace=self.services.policy.grace.of("digest"),
            thread_of=thread_of,
            updates=updates,
            content=to_json(message),
        )


# ---------------------------------------------------------------- what was shown


def base_key(name: str, day: date) -> str:
    """The key of a digest's first message."""
    return f"digest:{name}:{day.isoformat()}"


def detail_key(key: str, number: int) -> str:
    """The key of the message with this number in the thread."""
    return f"{key}:detail:{number}"


def as_shown(uow: UnitOfWork, digest_id: int, revision: int | None = None) -> list[Message]:
    """A digest exactly as it was shown: the channel's message, then those of its thread. Empty before it arrived.

    Args:
        revision: as it was up to this revision; default: as it is shown now.

    Raises:
        Gone: no such digest.
    """
    kept = uow.digests.get(digest_id)
    if kept is None:
        raise Gone("no such digest")
    key = base_key(str(kept.view["name"]), kept.day)
    shown = _newest(uow, key, revision or kept.revision, (DeliveryState.SENT,))
    return [from_json(shown[place]) for place in sorted(shown)]


def _newest(uow: UnitOfWork, key: str, revision: int, states: Collection[DeliveryState]) -> dict[int, dict[str, Any]]:
    """The newest content of each message up to a revision, by its place."""
    newest: dict[int, dict[str, Any]] = {}
    for delivery in sorted(uow.deliveries.with_prefix(key), key=lambda each: int(each.subject["revision"])):
        place = _place(key, delivery)
        if place is None or delivery.content is None or delivery.state not in states:
            continue
        if delivery.subject["revision"] <= revision:
            newest[place] = delivery.content
    return newest


def _place(key: str, delivery: Delivery) -> int | None:
    """0 for the channel's message, n for the nth of its thread, None for what is neither."""
    own = delivery.updates or delivery.key
    if own == key:
        return 0
    number = own.removeprefix(f"{key}:detail:")
    return int(number) if number.isdecimal() else None


def news_line(project: Project, news: Mapping[str, Any], t: Texts) -> str:
    """The line in a digest's thread: `ATLAS reported late: amber (was not reported).`"""
    if news["kind"] == "decision":
        line = {
            "decided": t("{name} has decided for {key}."),
            "delegated": t("{name} has delegated the decision for {key}."),
            "deferred": t("{name} has deferred the decision for {key}."),
        }[news["outcome"]]
        return f"{line.format(name=news['name'], key=project.key)} {news['words']}"
    rag, was = (rag_word(t, Rag(news[name]) if news[name] else None) for name in ("rag", "was"))
    if news["kind"] == "late":
        return t("{key} reported late: {rag} (was not reported).", key=project.key, rag=rag)
    line = (
        t("{key} was corrected: {rag}.", key=project.key, rag=rag)
        if rag == was
        else t("{key} was corrected: {rag} (was {was}).", key=project.key, rag=rag, was=was)
    )
    return f"{line} {news['reason']}" if news["reason"] else line
