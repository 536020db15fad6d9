"""People as the bot meets them: who is asking, what their chat account says of them, what has changed since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from reporting.calendar_checks import known_zone
from reporting.ledger import ClaimState
from reporting.model import Identity, Person, ProjectState, account_of
from reporting.ports import Profile, UnitOfWork
from reporting.services import claims, mending, periods, prompt_posts
from reporting.services.access import Reader, roles_of
from reporting.services.context import Services

STRANGER = 0
"""The id of a reader's person as long as the bot has not met them (see `meet`)."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a look at chat accounts changed: who is new, who differs, who has left."""

    added: tuple[Person, ...] = ()
    changed: tuple[Person, ...] = ()
    left: tuple[Person, ...] = ()


def reader(uow: UnitOfWork, services: Services, identity: Identity) -> Reader:
    """A person as they stand before the bot.

    Somebody not met yet is a reader too, with what the policy grants their chat user id, without projects, and with
    the person id `STRANGER`.
    """
    known = owner(uow, identity)
    person = known or Person(STRANGER, identity.user_id, identities=(identity,))
    claims_made = uow.claims.of_account(identity) if known is None else []
    own = uow.projects.of_person(person.id) if known is not None else []
    leads = any(person.id in (p.lead_id, p.deputy_id) and p.state is not ProjectState.CLOSED for p in own)
    return Reader(
        person=person,
        identity=identity,
        roles=roles_of(services.policy, person, leads),
        own_ids=tuple(project.id for project in own),
        texts=services.texts_for(person, identity.platform),
        claim=next((claim for claim in claims_made if claim.state is not ClaimState.CONFIRMED), None),
    )


def owner(uow: UnitOfWork, identity: Identity) -> Person | None:
    """Whom a chat account belongs to.

    A register names accounts without their workspace, which nobody who fills in a spreadsheet knows; such an account
    is taken for the one with the same user id that turns up.
    """
    return uow.people.by_identity(identity) or uow.people.by_identity(_unplaced(identity))


def _unplaced(identity: Identity) -> Identity:
    return replace(identity, workspace="")


def meet(uow: UnitOfWork, services: Services, profile: Profile, now: datetime) -> Person | None:
    """Add or update the person behind a chat account.

    An account that is not known yet belongs to the person with its mail address, or else with the name it signs in
    with, if there is one: registers name people by either. Who has an account already is asked about it there, and it
    is nobody's until they say yes; see `claims`.

    Returns:
        The person, or None for an account that is no human's, for a guest whom nobody has put in the register, and for
        an account that is nobody's yet.
    """
    if not _welcome(uow, services, profile):
        return None
    met = _met(uow, services, profile, now)
    return met[1] if met is not None else None


def admit(uow: UnitOfWork, services: Services, profile: Profile, now: datetime) -> bool:
    """Meet somebody; whether they may ask anything. An account that is nobody's yet may, as a stranger of ours may."""
    return meet(uow, services, profile, now) is not None or (profile.human and not profile.guest)


def without(person: Person, account: Identity) -> Person:
    """The person without one of their accounts; a wish to be written to where they have none left is forgotten."""
    left = tuple(each for each in person.identities if each != account)
    kept = any(each.platform == person.prefers for each in left)
    return replace(person, identities=left, prefers=person.prefers if kept else None)


def _welcome(uow: UnitOfWork, services: Services, profile: Profile) -> bool:
    if not profile.human or not profile.guest:
        return profile.human
    named = {name for members in services.policy.roles.values() for name in members}
    in_register = owner(uow, profile.identity) or _registered(uow, profile)
    return in_register is not None or bool(named & {*_addresses(profile), profile.identity.user_id})


def _addresses(profile: Profile) -> list[str]:
    """What an account may stand under in the register, the likeliest first."""
    return [address.lower() for address in (profile.email, profile.login) if address]


def _registered(uow: UnitOfWork, profile: Profile) -> Person | None:
    return next((person for email in _addresses(profile) if (person := uow.people.by_email(email))), None)


def sync(uow: UnitOfWork, services: Services, profiles: Iterable[Profile], now: datetime) -> Synced:
    """Bring all people in line with what the chat system says of them; requests follow who left or came back."""
    added, changed, left = [], [], []
    for profile in profiles:
        if not _welcome(uow, services, profile):
            continue
        met = _met(uow, services, profile, now)
        if met is None:
            continue
        before, after = met
        if before is None:
            added.append(after)
        elif before.active and not after.active:
            left.append(after)
        elif before != after:
            changed.append(after)
    return Synced(tuple(added), tuple(changed), tuple(left))


def _met(uow: UnitOfWork, services: Services, profile: Profile, now: datetime) -> tuple[Person | None, Person] | None:
    """The person before (None when new) and after; None for an account that its person has yet to say yes to."""
    if profile.tz is not None and not known_zone(profile.tz):
        # Kept, it would stop everything that is planned by it.
        profile = replace(profile, tz=None)
    before = owner(uow, profile.identity)
    if before is None:
        before = _registered(uow, profile)
        if before is not None and claims.must_ask(before, profile):
            claims.ask(uow, before, profile, now)
            return None
    if before is None:
        return None, _add(uow, profile, now)
    after = _told(uow, services, before, profile)
    if after != before:
        uow.people.save(after)
        _audit(uow, "person.changed", before, after, now)
    if len(after.identities) < len(before.identities):
        prompt_posts.account_lost(uow, after, profile.identity.platform, now)
    if len(after.identities) > len(before.identities):
        mending.account_found(uow, after.id, now)
    if after.active != before.active:
        periods.people_changed(services, uow, [after.id], now)
    return before, after


def _add(uow: UnitOfWork, profile: Profile, now: datetime) -> Person:
    email = profile.email.lower() if profile.email else None
    person = uow.people.add(
        Person(
            0, profile.name, email, profile.tz, profile.locale, active=profile.active, identities=(profile.identity,)
        )
    )
    _audit(uow, "person.added", None, person, now)
    return person


def _told(uow: UnitOfWork, services: Services, person: Person, profile: Profile) -> Person:
    # The register's name and mail address stay: the PMO's spreadsheet is matched by them. Zone and locale are the
    # person's own choice in chat, and what the chat does not know is not forgotten.
    others = any(account.user_id != profile.identity.user_id for account in person.identities)
    if others and not profile.active and profile.identity in person.identities:
        # Who has another account has not left with this one.
        return without(person, profile.identity)
    email = person.email
    if email is None and profile.email and uow.people.by_email(profile.email.lower()) is None:
        email = profile.email.lower()
    accounts = tuple(i for i in person.identities if i != _unplaced(profile.identity) or i == profile.identity)
    known = profile.identity in accounts
    if not known and not person.active:
        # It takes the place of the one that was deactivated, which would be written to in vain.
        accounts = tuple(i for i in accounts if i.platform != profile.identity.platform)
    main = account_of(person, services.platforms)
    # Two systems may differ: the one where the person is written to is heeded, the other one fills gaps.
    heeded = main is None or main.platform == profile.identity.platform
    return replace(
        person,
        name=person.name or profile.name,
        email=email,
        tz=profile.tz or person.tz if heeded else person.tz or profile.tz,
        locale=profile.locale or person.locale if heeded else person.locale or profile.locale,
        active=profile.active,
        unreachable=person.unreachable if profile.active == person.active else None,
        identities=accounts if known else (*accounts, profile.identity),
    )


def _audit(uow: UnitOfWork, action: str, before: Person | None, after: Person, now: datetime) -> None:
    uow.audit.append(
        now, "system", action, f"person:{after.id}", _facts(before) if before is not None else None, _facts(after)
    )


def _facts(person: Person) -> dict[str, Any]:
    facts = asdict(person)
    facts["identities"] = [f"{i.platform}:{i.workspace}:{i.user_id}" for i in person.identities]
    return facts
