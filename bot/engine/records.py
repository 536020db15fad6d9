"""The store's side of a delivery: what is to be sent, what was sent, what went wrong. Each step is one transaction.

Every write is fenced with the attempt it belongs to: when another attempt has taken over, nothing is written and
`Later` is raised, never a silent return.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.engine.attempt import Attempt, Holds, threaded
from bot.engine.notice import plan_notice
from bot.engine.outcomes import STUCK, Outcomes, Watch, unwatched
from bot.engine.outlets import NOT_SET_UP, Way, way_of
from bot.engine.pauses import pause, paused, resume
from bot.engine.turns import (
    IN_DOUBT,
    OVER,
    TOO_LATE,
    NotYet,
    Stop,
    all_parts,
    before_edit,
    before_post,
    begun,
    thread_of,
)
from reporting.ledger import Delivery, DeliveryState, MessageRef
from reporting.messages import Message
from reporting.messages_json import from_json, to_json
from reporting.ports import Later, Messenger, UnitOfWork
from reporting.services.context import Services
from reporting.services.outbox import DOUBTFUL, NO_ACCOUNT, UNCERTAIN, let_next

Compose = Callable[[Delivery], Message | None]

# Tries after which a message holds up nobody behind it, and the time after which it is given up.
_MANY = 12
_WORN_OUT = timedelta(days=1)
# How long to wait before looking again at a delivery that another attempt has taken.
_OVERTAKEN = 1.0


class Records:
    """Reads and writes deliveries.

    Args:
        messengers: by platform.
        compose: writes the message from the present state; None when it is no longer wanted.
        steady: seconds that never jump.
        watch: told of every attempt's end, in a worker thread, after it is written down.
    """

    def __init__(
        self,
        services: Services,
        messengers: Mapping[str, Messenger],
        compose: Compose,
        holds: Holds,
        steady: Callable[[], float],
        watch: Watch = unwatched,
    ) -> None:
        self._outcomes = Outcomes(watch)
        self._services = services
        self._messengers = messengers
        self._compose = compose
        self._holds = holds
        self._steady = steady

    # ------------------------------------------------------------ before sending

    def way(self, delivery_id: int) -> Way | None:
        """How a delivery gets to its target; None when there is nothing to send."""
        with self._services.store.read() as uow:
            delivery = uow.deliveries.get(delivery_id)
            return None if delivery is None or delivery.state in OVER else self._way(uow, delivery)

    def claim(self, delivery_id: int) -> Attempt | None:
        """Take a delivery for sending; None when there is nothing to send, or nothing yet.

        Raises:
            Later: another attempt has it in hand.
            StoreBusy: nothing was changed.
        """
        with self._services.store.read() as uow:
            delivery = uow.deliveries.get(delivery_id)
            if delivery is None or delivery.state in OVER:
                return None
            held = uow.deliveries.held(delivery_id)
            if held > 0:
                raise Later(held)
            found = self._look(uow, delivery)
        if isinstance(found, NotYet):
            return None
        if isinstance(found, Attempt) and found.delivery.parts is None:
            # Outside of any transaction: composing a large digest takes its time, and may store what it made.
            found = self._written(found)
        return self._take(delivery, found)

    def _look(self, uow: UnitOfWork, delivery: Delivery) -> Attempt | Stop | NotYet:
        now = self._services.clock.now()
        if delivery.due_at > now:
            raise Later((delivery.due_at - now).total_seconds())
        if not begun(delivery) and self._expired(delivery):
            before = f"; before that: {delivery.error}" if delivery.error else ""
            return Stop(DeliveryState.SKIPPED, f"{TOO_LATE}{before}")
        other = self._turn(uow, delivery)
        if isinstance(other, Stop | NotYet):
            return other
        way = self._way(uow, delivery)
        if way.stranger is not None:
            return Stop(DeliveryState.FAILED, NO_ACCOUNT)
        if way.platform not in self._messengers:
            return Stop(DeliveryState.FAILED, f"{NOT_SET_UP}: {way.platform}")
        wait = paused(uow, way.platform, now)
        if wait:
            raise Later(wait)
        edits = other is not None and delivery.updates is not None
        return Attempt(
            # What was begun is finished as it was; anything else is written anew from the present state.
            delivery=delivery if begun(delivery) else replace(delivery, parts=None, platform=way.platform),
            target=way.target,
            thread=thread_of(delivery, other),
            over=all_parts(uow, other) if other and edits else (),
            over_key=other.key if other and edits else "",
            doubtful=delivery.state in IN_DOUBT,
            probe=wait is not None,
        )

    def _written(self, attempt: Attempt) -> Attempt | Stop:
        preset = attempt.delivery.preset
        message = from_json(attempt.delivery.content or {}) if preset else self._compose(attempt.delivery)
        if message is None:
            return Stop(DeliveryState.CANCELLED, "no longer wanted")
        with self._services.store.read() as uow:
            parts = self._render(uow, attempt.delivery, message)
        return replace(attempt, delivery=replace(attempt.delivery, content=to_json(message), parts=parts))

    def _take(self, seen: Delivery, found: Attempt | Stop) -> Attempt | None:
        """Write down what was found, where nobody else has taken the delivery since it was seen."""
        if isinstance(found, Stop):
            self._stopped(seen, found)
            return None
        with self._services.store.begin() as uow:
            # Once more, now that nobody else can write: a newer edit may have come while this one was composed.
            turn = self._turn(uow, seen)
            if isinstance(turn, NotYet):
                return None
            if not isinstance(turn, Stop):
                return self._claimed(uow, seen, found)
        self._stopped(seen, turn)
        return None

    def _claimed(self, uow: UnitOfWork, seen: Delivery, found: Attempt) -> Attempt:
        """Taken for sending; what was tried so often in vain holds up nobody behind it any longer."""
        stuck = seen.stuck or seen.attempt >= _MANY
        claimed = replace(
            found.delivery, state=DeliveryState.SENDING, attempt=seen.attempt + 1, error=seen.error, stuck=stuck
        )
        if found.probe:
            self._probing(uow, claimed.platform)
        attempt = self._held(uow, replace(found, delivery=claimed), seen.attempt)
        if stuck and not seen.stuck:
            let_next(uow, claimed, self._services.clock.now())
        return attempt

    def _probing(self, uow: UnitOfWork, platform: str) -> None:
        """One message tries; for as long as it may take the others wait on."""
        now = self._services.clock.now()
        wait = paused(uow, platform, now)
        if wait:
            raise Later(wait)
        pause(uow, platform, now, self._holds.sending)

    def _turn(self, uow: UnitOfWork, delivery: Delivery) -> Delivery | Stop | NotYet | None:
        now = self._services.clock.now()
        if delivery.updates is None:
            return before_post(uow, delivery, now)
        return before_edit(uow, delivery, delivery.updates, now)

    def _held(self, uow: UnitOfWork, attempt: Attempt, fence: int) -> Attempt:
        """Say that it is being sent."""
        at = self._steady()
        _save(uow, attempt.stored, fence, self._holds.sending)
        return replace(attempt, held_at=at)

    def _way(self, uow: UnitOfWork, delivery: Delivery) -> Way:
        return way_of(uow, delivery, self._messengers)

    def _render(
        self, uow: UnitOfWork, delivery: Delivery, message: Message, plain: bool = False
    ) -> list[dict[str, Any]]:
        users = uow.people.user_ids(sorted(mentioned(to_json(message))), delivery.platform)
        messenger = self._messengers[delivery.platform]
        draw = messenger.render_plain if plain else messenger.render
        return draw(message, users, self._locale(uow, delivery), threaded(delivery))

    def _locale(self, uow: UnitOfWork, delivery: Delivery) -> str | None:
        """The reader's; a channel's where its digest has one of its own."""
        kind, _, name = delivery.target.partition(":")
        if kind == "person":
            person = uow.people.get(int(name))
            return person.locale if person else None
        known = (digest for digest in self._services.policy.digests if digest.channel == name)
        return next((digest.locale for digest in known if digest.locale), None)

    def _expired(self, delivery: Delivery) -> bool:
        return delivery.expires_at is not None and self._services.clock.now() > delivery.expires_at

    def expired(self, attempt: Attempt) -> bool:
        """Whether it is by now too late to be of use."""
        return self._expired(attempt.delivery)

    def plainer(self, attempt: Attempt) -> Attempt:
        """The same message with the safest blocks; parts already placed are written over."""
        before = attempt.delivery
        placed = before.refs
        with self._services.store.begin() as uow:
            parts = self._render(uow, before, from_json(before.content or {}), plain=True)
            delivery = replace(before, parts=parts, refs=())
            if not placed:
                _save(uow, delivery, before.attempt, self._holds.sending)
        over, key = (attempt.over, attempt.over_key) if len(attempt.over) > len(placed) else (placed, delivery.key)
        return replace(attempt, delivery=delivery, over=over, over_key=key, doubtful=False, plain=True, before=before)

    # ------------------------------------------------------------ while sending

    def placed(self, attempt: Attempt, ref: MessageRef) -> Attempt:
        """One more part is where it belongs."""
        return self.still(attempt.with_part(ref))

    def still(self, attempt: Attempt) -> Attempt:
        """It is being sent still.

        Raises:
            Later: another attempt has taken over.
        """
        with self._services.store.begin() as uow:
            return self._held(uow, attempt, attempt.delivery.attempt)

    def kept(self, attempt: Attempt) -> bool:
        """Whether it is certain that nobody else has it in hand for as long as one more request can take."""
        return self._steady() - attempt.held_at < self._holds.sending - self._holds.request

    # ------------------------------------------------------------ afterwards

    def sent(self, attempt: Attempt) -> None:
        """All parts are there."""
        now = self._services.clock.now()
        delivery = replace(attempt.delivery, state=DeliveryState.SENT, sent_at=now, error="", stuck=False)
        with self._services.store.begin() as uow:
            _save(uow, delivery, delivery.attempt)
            let_next(uow, delivery, now)
            if attempt.probe:
                resume(uow, delivery.platform)
            if delivery.updates is not None:
                _rewrite(uow, delivery)
            else:
                _reached(uow, delivery)
            refs = [[ref.channel, ref.message_id] for ref in delivery.refs]
            after = {"target": delivery.target, "refs": refs, "updates": delivery.updates}
            uow.audit.append(now, "system", "delivery.sent", f"delivery:{delivery.key}", None, after)
        self._outcomes.tell(delivery, now)

    def again(self, attempt: Attempt, reason: str) -> None:
        """Certainly not sent: as it was before the attempt."""
        delivery = attempt.stored
        fresh = not delivery.refs
        self._write(
            attempt,
            replace(
                delivery,
                state=DeliveryState.PLANNED,
                content=None if fresh and not delivery.preset else delivery.content,
                parts=None if fresh else delivery.parts,
                error=reason,
            ),
        )

    def doubt(self, attempt: Attempt, reason: str) -> None:
        """It may have been sent."""
        self._write(attempt, replace(attempt.stored, state=DeliveryState.UNCERTAIN, error=reason), self._holds.doubt)

    def skip(self, attempt: Attempt, reason: str) -> None:
        """Not sent, and too late by now."""
        self._stopped(attempt.stored, Stop(DeliveryState.SKIPPED, reason))

    def worn_out(self, attempt: Attempt) -> bool:
        """Whether it has been tried so often, for so long, that it must be given up."""
        delivery = attempt.delivery
        since = max(delivery.created_at, delivery.due_at)
        return delivery.attempt > _MANY and self._services.clock.now() - since > _WORN_OUT

    def fail(self, attempt: Attempt, reason: str, unreachable: bool) -> None:
        """Never again; the PMO is told, and the person is marked when they cannot be reached."""
        with self._services.store.begin() as uow:
            ended = self._end(uow, attempt.stored, Stop(DeliveryState.FAILED, reason), attempt.doubtful)
            kind, _, name = attempt.delivery.target.partition(":")
            person = uow.people.get(int(name)) if unreachable and kind == "person" else None
            if person is not None:
                uow.people.save(replace(person, unreachable=reason))
        self._outcomes.tell(ended, self._services.clock.now())

    def unknown(self, attempt: Attempt, reason: str) -> None:
        """It may have arrived and nobody can be asked: never again by itself. The PMO is told, and may send it again.

        Nothing would be looked for then, so the record does not call it doubtful.
        """
        self.fail(replace(attempt, doubtful=False), f"{UNCERTAIN}: {reason}", False)

    def give_up(self, delivery_id: int, reason: str) -> None:
        """Never again: something of ours has failed too often. The PMO is told."""
        with self._services.store.begin() as uow:
            delivery = uow.deliveries.get(delivery_id)
            if delivery is None or delivery.state in OVER:
                return
            ended = self._end(uow, delivery, Stop(DeliveryState.FAILED, reason), delivery.state in IN_DOUBT)
        self._outcomes.tell(ended, self._services.clock.now())

    def stuck(self, delivery_id: int, reason: str) -> None:
        """The attempt broke off through a fault of ours: what waits behind it waits no longer."""
        with self._services.store.begin() as uow:
            delivery = uow.deliveries.get(delivery_id)
            if delivery is None or delivery.state in OVER:
                return
            held = uow.deliveries.held(delivery_id)
            delivery = replace(delivery, stuck=True, error=reason)
            _save(uow, delivery, delivery.attempt, held)
            let_next(uow, delivery, self._services.clock.now())
        self._outcomes.tell(delivery, self._services.clock.now(), STUCK)

    def _write(self, attempt: Attempt, delivery: Delivery, hold: float = 0.0) -> None:
        with self._services.store.begin() as uow:
            _save(uow, delivery, attempt.delivery.attempt, hold)
        self._outcomes.tell(delivery, self._services.clock.now())

    def _stopped(self, delivery: Delivery, stop: Stop) -> None:
        with self._services.store.begin() as uow:
            ended = self._end(uow, delivery, stop, delivery.state in IN_DOUBT)
        self._outcomes.tell(ended, self._services.clock.now())

    def _end(self, uow: UnitOfWork, delivery: Delivery, stop: Stop, doubtful: bool = False) -> Delivery:
        now = self._services.clock.now()
        told = stop.state in (DeliveryState.FAILED, DeliveryState.SKIPPED)
        failed_at = now if told else None
        ended = replace(delivery, state=stop.state, error=stop.reason, failed_at=failed_at)
        _save(uow, ended, delivery.attempt)
        let_next(uow, ended, now)
        after = {"target": delivery.target, "reason": stop.reason} | ({DOUBTFUL: True} if doubtful else {})
        uow.audit.append(now, "system", f"delivery.{stop.state}", f"delivery:{delivery.key}", None, after)
        if told:
            plan_notice(uow, self._services.policy, delivery, now)
        return ended


def _save(uow: UnitOfWork, delivery: Delivery, fence: int, hold: float = 0.0) -> None:
    if not uow.deliveries.save(delivery, fence, hold):
        raise Later(_OVERTAKEN)


def _reached(uow: UnitOfWork, delivery: Delivery) -> None:
    """Whoever was thought unreachable has been reached."""
    kind, _, name = delivery.target.partition(":")
    person = uow.people.get(int(name)) if kind == "person" else None
    if person is not None and person.unreachable:
        uow.people.save(replace(person, unreachable=None))


def _rewrite(uow: UnitOfWork, delivery: Delivery) -> None:
    """The edited message's own row keeps what was sent at first; only where its parts are is brought up to date."""
    base = uow.deliveries.by_key(delivery.updates or "")
    if base is not None:
        _save(uow, replace(base, refs=delivery.refs), base.attempt)


def mentioned(content: Mapping[str, Any]) -> set[int]:
    """Ids of the people mentioned in a message's JSON."""
    found: set[int] = set()
    stack: list[Any] = [content]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            if value.get("kind") == "Mention":
                found.add(int(value["person_id"]))
            stack += value.values()
    return found
