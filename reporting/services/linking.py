"""Which chat accounts are a person's, and on which of them they are written to. Every step is in the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reporting.ledger import Claim, ClaimState
from reporting.model import Identity, Person, account_of
from reporting.ports import UnitOfWork
from reporting.services import claims, mending, people, periods, prompt_posts
from reporting.services.access import Gone, NotAllowed, Reader, actor_of, require_pmo
from reporting.services.context import Services


def confirm(services: Services, uow: UnitOfWork, reader: Reader, claim_id: int, now: datetime) -> None:
    """The person asked says that an account is theirs.

    Raises:
        Gone: there is no such question, or the account is somebody else's by now.
        NotAllowed: the reader is not the person asked.
    """
    _link(services, uow, reader, _asked(uow, reader, claim_id), now)


def vouch(services: Services, uow: UnitOfWork, reader: Reader, claim_id: int, now: datetime) -> Person:
    """The PMO says for somebody that an account is theirs, such as for want of another that they can be asked on.

    Raises:
        Gone: as for `confirm`.
        NotAllowed: the reader does not belong to the PMO.
    """
    require_pmo(uow, services.policy, reader)
    claim = uow.claims.get(claim_id)
    if claim is None:
        raise Gone("no such question")
    return _link(services, uow, reader, claim, now)


def refuse(uow: UnitOfWork, reader: Reader, claim_id: int, now: datetime) -> None:
    """The person asked says that an account is not theirs. What is linked already stays linked; see `remove`.

    Raises:
        Gone, NotAllowed: as for `confirm`.
    """
    claim = _asked(uow, reader, claim_id)
    if claim.state is not ClaimState.ASKED:
        return
    said = replace(claim, state=ClaimState.REFUSED, answered_at=now)
    uow.claims.save(said)
    claims.note(uow, actor_of(reader), "account.refused", claim.person_id, claim.identity, now)
    claims.redraw(uow, said, now)


def _asked(uow: UnitOfWork, reader: Reader, claim_id: int) -> Claim:
    claim = uow.claims.get(claim_id)
    if claim is None:
        raise Gone("no such question")
    if claim.person_id != reader.person.id:
        raise NotAllowed(reader.texts("Only the person who was asked may answer this."))
    return claim


def _link(services: Services, uow: UnitOfWork, reader: Reader, claim: Claim, now: datetime) -> Person:
    before = uow.people.get(claim.person_id)
    assert before is not None, "people are never deleted"
    owner = people.owner(uow, claim.identity)
    if owner is not None and owner.id != before.id:
        raise Gone("the account is somebody else's by now")
    if owner is not None:
        return before
    # It has written to us: whoever was thought to have left is there.
    after = replace(before, identities=(*before.identities, claim.identity), active=True)
    uow.people.save(after)
    if not before.active:
        periods.people_changed(services, uow, [after.id], now)
    said = replace(claim, state=ClaimState.CONFIRMED, answered_at=now)
    uow.claims.save(said)
    claims.note(uow, actor_of(reader), "account.linked", after.id, claim.identity, now, by_mail_address=True)
    mending.account_found(uow, after.id, now)
    claims.redraw(uow, said, now)
    return after


def prefer(services: Services, uow: UnitOfWork, reader: Reader, platform: str, now: datetime) -> Person:
    """The person chooses the chat system they are written to in; what is open already stays there and says so.

    Raises:
        Gone: they have no account there.
    """
    before = uow.people.get(reader.person.id)
    if before is None or platform not in {account.platform for account in before.identities}:
        raise Gone("no account there")
    if before.prefers == platform:
        return before
    after = replace(before, prefers=platform)
    uow.people.save(after)
    was, became = ({"prefers": person.prefers} for person in (before, after))
    uow.audit.append(now, actor_of(reader), "person.preferred", f"person:{after.id}", was, became)
    if account_of(before, services.platforms) != account_of(after, services.platforms):
        prompt_posts.placed_anew(uow, after.id, now)
    for claim in uow.claims.of_person(after.id):
        if claim.state is ClaimState.CONFIRMED:
            claims.redraw(uow, claim, now)
    return after


def removable(person: Person, pressed_with: Identity) -> tuple[Identity, ...]:
    """Accounts that a person may give up: those linked after the one they press with.

    Whoever has come in by a mistaken yes cannot shut the person out.
    """
    own = [at for at, account in enumerate(person.identities) if account.user_id == pressed_with.user_id]
    return person.identities[own[0] + 1 :] if own else ()


def remove(uow: UnitOfWork, reader: Reader, account: Identity, now: datetime) -> Person:
    """The person gives an account up that is not theirs, or no more; it is not linked again without their word.

    Raises:
        Gone: it is none that they may give up.
    """
    before = uow.people.get(reader.person.id)
    if before is None or account not in removable(before, reader.identity):
        raise Gone("no account to give up")
    after = people.without(before, account)
    uow.people.save(after)
    claims.note(uow, actor_of(reader), "account.removed", after.id, account, now)
    claims.redraw(uow, claims.settle(uow, after.id, account, before.name, ClaimState.REFUSED, now), now)
    prompt_posts.account_lost(uow, after, account.platform, now)
    return after
