"""A second chat account with a known person's mail address: whether the person is to be asked, and asking them.

A mail address alone gives an account no rights of somebody who can be asked. Until they have said yes on an account
that is theirs already, the new one is a stranger's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from reporting.ledger import Claim, ClaimState
from reporting.messages import Actions, Block, Button, Message, Note, Paragraph, Plain
from reporting.model import Identity, Person, account_of
from reporting.ports import Profile, UnitOfWork
from reporting.services import outbox
from reporting.services.context import Services
from reporting.services.wording import system_name
from reporting.texts import Texts

KIND = "account"
"""The kind of the message that asks."""


def must_ask(person: Person, profile: Profile) -> bool:
    """Whether an account with this person's mail address is theirs only when they say so.

    Nobody can be asked who has no account yet. And an account takes the place of one that has been deactivated in the
    same chat system: there, mail addresses are the organisation's to give.
    """
    if not person.identities:
        return False
    successor = not person.active and any(i.platform == profile.identity.platform for i in person.identities)
    return profile.guest or not successor


def ask(uow: UnitOfWork, person: Person, profile: Profile, now: datetime) -> None:
    """Ask a person on an account of theirs whether this one is theirs too; once, whatever the account does."""
    account = profile.identity
    known = _claim(uow, account, person.id)
    if known is not None and known.state is not ClaimState.CONFIRMED:
        return
    wanted = Claim(
        0, person.id, account.platform, account.workspace, account.user_id, profile.name, ClaimState.ASKED, now
    )
    if known is not None:
        # Confirmed once and gone since, such as an account that was deactivated: what counts is asked anew.
        wanted = replace(wanted, id=known.id)
        uow.claims.save(wanted)
    else:
        wanted = _added(uow, wanted)
    outbox.plan(uow, key=key(wanted), kind=KIND, target=f"person:{person.id}", now=now, subject={"claim": wanted.id})
    note(uow, "system", "account.asked", person.id, account, now)


def _claim(uow: UnitOfWork, account: Identity, person_id: int) -> Claim | None:
    return next((claim for claim in uow.claims.of_account(account) if claim.person_id == person_id), None)


def _added(uow: UnitOfWork, claim: Claim) -> Claim:
    added = uow.claims.add(claim)
    assert added is not None, "looked for in the same transaction, and there is one writer at a time"
    return added


def settle(uow: UnitOfWork, person_id: int, account: Identity, name: str, state: ClaimState, now: datetime) -> Claim:
    """Keep what was said of an account, also of one that nobody has asked about."""
    claim = _claim(uow, account, person_id)
    if claim is None:
        made = Claim(0, person_id, account.platform, account.workspace, account.user_id, name, state, now, now)
        return _added(uow, made)
    said = replace(claim, state=state, answered_at=now)
    uow.claims.save(said)
    return said


def key(claim: Claim) -> str:
    """The delivery key of the question."""
    return f"{KIND}:{claim.id}:{claim.asked_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"


def redraw(uow: UnitOfWork, claim: Claim, now: datetime) -> None:
    """Show in the question itself what has become of it."""
    asked = uow.deliveries.by_key(key(claim))
    if asked is not None:
        cause = len(uow.deliveries.edits_of(asked.key)) + 1
        outbox.plan(
            uow, key=f"{asked.key}:{cause}", kind=KIND, target=asked.target, now=now, subject=asked.subject,
            updates=asked.key,
        )  # fmt: skip


def note(
    uow: UnitOfWork, actor: str, action: str, person_id: int, account: Identity, now: datetime, **more: object
) -> None:
    """Write a step into the audit trail."""
    after = {"account": written(account), **more}
    uow.audit.append(now, actor, action, f"person:{person_id}", None, after)


def written(account: Identity) -> str:
    """An account in the audit trail."""
    return f"{account.platform}:{account.workspace}:{account.user_id}"


# ---------------------------------------------------------------- what is shown


def compose(services: Services, uow: UnitOfWork, claim_id: int, platform: str) -> Message | None:
    """The question as it stands now.

    Args:
        platform: where it is shown already; empty before it is.
    """
    claim = uow.claims.get(claim_id)
    person = uow.people.get(claim.person_id) if claim else None
    if claim is None or person is None:
        return None
    t = services.texts_for(person, platform)
    named = {"name": claim.name, "system": system_name(claim.platform)}
    if claim.state is ClaimState.ASKED:
        return _question(t, claim)
    if claim.state is ClaimState.CONFIRMED:
        line = t("The account {name} in {system} is linked with yours: whatever you may do, you may do there.", **named)
        return Message(line, (Paragraph((Plain(line),)), *choice(services, t, person)))
    line = t("The account {name} in {system} is not linked with yours. The PMO can see that it was tried.", **named)
    again = Button("account.confirm", t("It is mine after all"), str(claim.id))
    return Message(line, (Paragraph((Plain(line),)), Actions((again,))))


def _question(t: Texts, claim: Claim) -> Message:
    line = t("Somebody wrote to me in {system} from the account {name}, which shows your mail address. Is that you?",
             name=claim.name, system=system_name(claim.platform))  # fmt: skip
    careful = t("Until you say yes it may do nothing in your name. If you have not written to me there, press No.")
    return Message(line, (Paragraph((Plain(line),)), answers(t, claim), Note((Plain(careful),))))


def answers(t: Texts, claim: Claim, seen_in: str = "") -> Actions:
    """Yes and no.

    Args:
        seen_in: put before the values of buttons that are not on the question itself.
    """
    yes = Button("account.confirm", t("Yes, that is me"), f"{seen_in}{claim.id}", style="primary")
    return Actions((yes, Button("account.refuse", t("No"), f"{seen_in}{claim.id}")))


def choice(services: Services, t: Texts, person: Person) -> tuple[Block, ...]:
    """Where somebody with several accounts is written to, with a button for each other place."""
    systems = tuple(dict.fromkeys(i.platform for i in person.identities if i.platform in services.platforms))
    account = account_of(person, services.platforms)
    if len(systems) < 2 or account is None:
        return ()
    chosen = account.platform if person.prefers == account.platform else ""
    where = t(
        "I write to you in {system}. You can change it at any time: /rag me", system=system_name(account.platform)
    )
    line = (
        where if chosen else t("Where shall I write to you? Now it is {system}.", system=system_name(account.platform))
    )
    buttons = tuple(
        Button("account.prefer", t("In {system}", system=system_name(system)), system)
        for system in systems
        if system != chosen
    )
    return (Paragraph((Plain(line),)), Actions(buttons))
