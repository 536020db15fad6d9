"""Writes a message at the moment it is sent, from the state as it is then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from reporting.ledger import Delivery
from reporting.messages import Message
from reporting.messages_json import from_json
from reporting.ports import UnitOfWork
from reporting.services import prompts
from reporting.services.alert_view import alert_view
from reporting.services.context import Services

Composer = Callable[[Services, UnitOfWork, Delivery, datetime], Message | None]


def compose(services: Services, delivery_id: int) -> Message | None:
    """The message of a delivery as it should read now.

    Returns:
        None when it is no longer wanted: nothing is owed any more, or what it speaks of is gone.
    """
    with services.store.read() as uow:
        delivery = uow.deliveries.get(delivery_id)
        if delivery is None:
            return None
        if delivery.content is not None:
            return from_json(delivery.content)
        return _COMPOSERS[delivery.kind](services, uow, delivery, services.clock.now())


def _prompt(services: Services, uow: UnitOfWork, delivery: Delivery, now: datetime) -> Message | None:
    return prompts.compose(services, uow, delivery.subject["period"], delivery.subject["person"], now)


def _reminder(services: Services, uow: UnitOfWork, delivery: Delivery, now: datetime) -> Message | None:
    return prompts.compose_reminder(services, uow, delivery.subject["period"], delivery.subject["person"], now)


def _alert(services: Services, uow: UnitOfWork, delivery: Delivery, now: datetime) -> Message | None:
    alert = uow.escalations.get(delivery.subject["escalation"])
    if alert is None:
        return None
    return services.composer.alert(alert_view(uow, alert, now), services.policy.locale)


_COMPOSERS: dict[str, Composer] = {"prompt": _prompt, "reminder": _reminder, "alert": _alert}
