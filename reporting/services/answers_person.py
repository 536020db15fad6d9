"""Where a person is reached: their chat accounts, which of them is written to, and accounts that only claim to be."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.ledger import Claim, ClaimState, DeliveryState
from reporting.messages import (
    Actions,
    Block,
    Button,
    Code,
    Heading,
    Message,
    Note,
    Paragraph,
    Plain,
    Row,
    Spans,
    Strong,
)
from reporting.model import Identity, Person, account_of
from reporting.query import Query, Verb
from reporting.services.access import claim_words, require_pmo
from reporting.services.answers_scope import Ask, Unanswered, people, run, said
from reporting.services.claims import answers, written
from reporting.services.linking import removable
from reporting.services.people import owner
from reporting.services.wording import system_name

OWN = "me:"
"""Before the values of buttons in somebody's view of their own accounts: the view is drawn anew after a press."""
MOST_CLAIMS = 20
# Among the newest that are sent to somebody, most edit what they have.
_LOOKED_AT = 50


def me(ask: Ask) -> Message:
    """The reader's own accounts, with buttons to choose among them."""
    if ask.reader.claim is not None:
        return said(claim_words(ask.t, ask.reader.claim))
    mine = ask.uow.people.get(ask.reader.person.id)
    return said(ask.t("I do not know you yet. Write me a word, then ask again.")) if mine is None else sheet(ask, mine)


def person(ask: Ask) -> Message:
    """Where somebody is reached; for the PMO, and for oneself.

    Raises:
        NotAllowed: it is about somebody else, and the reader does not belong to the PMO.
        Unanswered: nobody is called so, or several are.
    """
    t = ask.t
    if not ask.query.subject:
        raise Unanswered(said(t("Whom? /rag person NAME")))
    found = people(ask, ask.query.subject)
    if [one.id for one in found] != [ask.reader.person.id]:
        require_pmo(ask.uow, ask.services.policy, ask.reader)
    if len(found) > 1:
        raise Unanswered(_choice(ask, found))
    return sheet(ask, found[0]) if found[0].id else me(ask)


def _choice(ask: Ask, found: Sequence[Person]) -> Message:
    t = ask.t
    line = t.n("One person fits “{text}”.", "{n} people fit “{text}”.", len(found), text=ask.query.subject)
    rows = [
        Row((Strong(one.name), Plain(f"  {one.email or ''}")), run(t("Choose"), Query(Verb.PERSON, one.email)))
        for one in found
        if one.email
    ]
    return said(line, *rows)


def sheet(ask: Ask, person: Person) -> Message:
    """Everything on where a person is reached; in the person's own hands when it is they who read."""
    own = person.id == ask.reader.person.id
    blocks: list[Block] = [Heading(person.name), Paragraph((Plain(_known(ask, person)),))]
    blocks += [Paragraph((Strong(_reached(ask, person, own)),))]
    blocks += [_account(ask, person, account, own) for account in person.identities]
    blocks += _removals(ask, person) if own else []
    for claim in ask.uow.claims.of_person(person.id):
        if _waits(ask, claim):
            blocks += _own_claim(ask, claim) if own else _claim(ask, person, claim)
    return Message(_reached(ask, person, own), (*blocks, *_last(ask, person)))


def _known(ask: Ask, person: Person) -> str:
    t = ask.t
    return t("{mail}. Time zone: {zone}. Language: {locale}.", mail=person.email or t("No mail address"),
             zone=person.tz or "–", locale=person.locale or "–")  # fmt: skip


def _reached(ask: Ask, person: Person, own: bool) -> str:
    t, account = ask.t, account_of(person, ask.services.platforms)
    if account is None:
        return t("{name} has no chat account here, so nothing can be asked of them.", name=person.name)
    system = system_name(account.platform)
    if own:
        return t("I write to you in {system}.", system=system)
    if not person.active:
        return t("{name} has left: the account in {system} is deactivated.", name=person.name, system=system)
    if person.unreachable:
        return t("{name} cannot be reached in {system} at present.", name=person.name, system=system)
    if person.prefers == account.platform:
        return t("{name} is written to in {system}, as they wish.", name=person.name, system=system)
    return t("{name} is written to in {system}.", name=person.name, system=system)


def _account(ask: Ask, person: Person, account: Identity, own: bool) -> Row:
    t = ask.t
    spans: Spans = (Plain(f"{system_name(account.platform)}  "), Code(account.user_id))
    if not account.workspace:
        spans += (Plain("  "), Plain(t("named by the register, not seen yet")))
    at = account_of(person, ask.services.platforms)
    known = account.platform in ask.services.platforms
    if not own or not known or at is None or at.platform == account.platform:
        return Row(spans)
    return Row(spans, Button("account.prefer", t("Write to me here"), f"{OWN}{account.platform}"))


def _removals(ask: Ask, person: Person) -> list[Block]:
    t = ask.t
    buttons = tuple(
        Button(
            "account.remove",
            t("Remove my account in {system}", system=system_name(account.platform)),
            f"{OWN}{written(account)}",
            confirm=t("From then on nothing can be done in your name from that account."),
        )
        for account in removable(person, ask.reader.identity)
    )
    return [Actions(buttons)] if buttons else []


def _waits(ask: Ask, claim: Claim) -> bool:
    """Whether an account is nobody's still; the register may have given it to somebody since."""
    return claim.state is not ClaimState.CONFIRMED and owner(ask.uow, claim.identity) is None


def _own_claim(ask: Ask, claim: Claim) -> list[Block]:
    t = ask.t
    named = {"name": claim.name, "system": system_name(claim.platform)}
    if claim.state is ClaimState.ASKED:
        line = t("The account {name} in {system} shows your mail address. Is that you?", **named)
        return [Paragraph((Plain(line),)), answers(t, claim, OWN)]
    line = t("You said that the account {name} in {system} is not yours.", **named)
    again = Button("account.confirm", t("It is mine after all"), f"{OWN}{claim.id}")
    return [Row((Plain(line),), again)]


def _claim(ask: Ask, person: Person, claim: Claim) -> list[Block]:
    t = ask.t
    sure = t("Link this account with {name}? Whoever writes from it may do all that {name} may.", name=person.name)
    button = Button("account.vouch", t("It is theirs"), str(claim.id), confirm=sure)
    return [Row((Plain(claim_line(ask, claim, person)),), button)]


def claim_line(ask: Ask, claim: Claim, person: Person) -> str:
    """What the PMO reads of an account that is nobody's yet."""
    t = ask.t
    named = {"name": claim.name, "system": system_name(claim.platform), "person": person.name}
    if claim.state is ClaimState.ASKED:
        return t("{name} in {system} shows the mail address of {person}, who was asked {moment} and has not answered.",
                 moment=t.moment(claim.asked_at), **named)  # fmt: skip
    return t("{name} in {system} shows the mail address of {person}, but is not linked: refused or given up {moment}.",
             moment=t.moment(claim.answered_at or claim.asked_at), **named)  # fmt: skip


def _last(ask: Ask, person: Person) -> list[Block]:
    """The newest message to the person, and what became of it."""
    t = ask.t
    found = ask.uow.deliveries.search(_LOOKED_AT, target=f"person:{person.id}")
    newest = next((delivery for delivery in reversed(found) if delivery.updates is None), None)
    if newest is None:
        return []
    where = system_name(newest.platform) or "–"
    if newest.state is DeliveryState.SENT and newest.sent_at is not None:
        line = t("Last message: sent {moment} in {system}.", moment=t.moment(newest.sent_at), system=where)
    elif newest.state in (DeliveryState.PLANNED, DeliveryState.SENDING):
        line = t("Last message: due {moment}, not sent yet.", moment=t.moment(newest.due_at))
    else:
        line = t("Last message: due {moment}, not delivered.", moment=t.moment(newest.due_at))
    return [Note((Plain(line),))]


def waiting_claims(ask: Ask) -> list[tuple[Claim, Person]]:
    """The newest accounts that show a known person's mail address and are nobody's."""
    found = [claim for claim in ask.uow.claims.unconfirmed(MOST_CLAIMS) if _waits(ask, claim)]
    known = ask.uow.people.many({claim.person_id for claim in found})
    return [(claim, known[claim.person_id]) for claim in found]
