"""Writes a message at the moment it is sent, from the state as it is then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from reporting.ledger import Delivery
from reporting.messages import Message
from reporting.messages_json import from_json
from reporting.ports import UnitOfWork
from reporting.services import claims, prompts
from reporting.services.alert_view import alert_view
from reporting.services.context import Services

Composer = Callable[[Services, UnitOfWork, Delivery, datetime], Message | None]


def compose(services: Services, delivery: Delivery) -> Message | None:
    """The message of a delivery as it should read now.

    Returns:
        None when it is no longer wanted: nothing is owed any more, or what it speaks of is gone.
    """
    if delivery.content is not None:
        return from_json(delivery.content)
    with services.store.read() as uow:
        return _COMPOSERS[delivery.kind](services, uow, delivery, services.clock.now())


def is_composed(kind: str) -> bool:
    """Whether messages of a kind are written from the present state, and not from what was planned with them."""
    return kind in _COMPOSERS


def _prompt(services: Services, uow: UnitOfWork, delivery: Delivery, now: datetime) -> Message | None:
    period_id, person_id = delivery.subject["period"], delivery.subject["person"]
    shown = _shown(uow, delivery)
    return prompts.compose(services, uow, period_id, person_id, now, delivery.updates is not None, shown)


def _reminder(services: Services, uow: UnitOfWork, delivery: Delivery, now: datetime) -> Message | None:
    period_id, person_id = delivery.subject["period"], delivery.subject["person"]
    shown = _shown(uow, delivery)
    return prompts.compose_reminder(services, uow, period_id, person_id, now, delivery.updates is not None, shown)


def _account(services: Services, uow: UnitOfWork, delivery: Delivery, _now: datetime) -> Message | None:
    return claims.compose(services, uow, delivery.subject["claim"], _shown(uow, delivery))


def _shown(uow: UnitOfWork, delivery: Delivery) -> str:
    """The chat system in which a message is shown already; empty before it is."""
    first = uow.deliveries.by_key(delivery.updates) if delivery.updates else delivery
    return first.platform if first else ""


def _alert(services: Services, uow: UnitOfWork, delivery: Delivery, now: datetime) -> Message | None:
    alert = uow.escalations.get(delivery.subject["escalation"])
    if alert is None:
        return None
    view = alert_view(services, uow, alert, now)
    return services.composer.alert(view, services.policy.locale) if view is not None else None


_COMPOSERS: dict[str, Composer] = {
    "prompt": _prompt,
    "reminder": _reminder,
    "alert": _alert,
    claims.KIND: _account,
}
