"""Who may do what. Checked here, on the server, for every action; whoever may not is told whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.ledger import Claim, ClaimState
from reporting.messages import Mention, Plain, Span, Spans
from reporting.model import Identity, Person, Project, Role
from reporting.policy import Policy
from reporting.ports import UnitOfWork
from reporting.services.wording import woven
from reporting.texts import Texts


class NotAllowed(Exception):
    """The person may not do this. The text is for them.

    Attributes:
        spans: the same with its people as mentions, where it names any.
    """

    def __init__(self, text: str, spans: Spans = ()) -> None:
        super().__init__(text)
        self.spans = spans


class Gone(Exception):
    """What somebody pressed a button for is not there any more, or never was."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person as they stand before the bot: roles, their own projects, their language.

    Attributes:
        claim: what an account that is nobody's yet waits for.
    """

    person: Person
    identity: Identity
    roles: frozenset[Role]
    own_ids: tuple[int, ...]
    texts: Texts
    claim: Claim | None = None

    @property
    def is_pmo(self) -> bool:
        """Whether the person belongs to the PMO."""
        return Role.PMO in self.roles

    @property
    def sees_confidential(self) -> bool:
        """PMO and executives see every project; others the open ones and their own."""
        return bool(self.roles & {Role.PMO, Role.EXECUTIVE})

    def may_see(self, project: Project) -> bool:
        """Whether the person may know of this project at all."""
        return not project.confidential or self.sees_confidential or project.id in self.own_ids

    def may_report(self, project: Project) -> bool:
        """Lead, deputy and PMO may answer for a project."""
        return self.is_pmo or self.person.id in (project.lead_id, project.deputy_id)


def actor_of(reader: Reader) -> str:
    """Whom the audit trail names: the person, or the chat account of somebody without a row of their own."""
    return f"person:{reader.person.id}" if reader.person.id else f"user:{reader.identity.user_id}"


def require_met(reader: Reader) -> None:
    """Let only those pass who have a row of their own, where something is kept in their name.

    Raises:
        NotAllowed: a role of the settings alone makes nobody known.
    """
    if reader.claim is not None:
        raise NotAllowed(claim_words(reader.texts, reader.claim))
    if not reader.person.id:
        raise NotAllowed(reader.texts("I do not know you yet. Write me a word, then press again."))


def claim_words(t: Texts, claim: Claim) -> str:
    """What somebody is told whose account is nobody's yet."""
    if claim.state is ClaimState.ASKED:
        return t(
            "I know your mail address from another chat system and have asked there whether this account is yours too. "
            "Say yes there; until then nothing can be done in your name here."
        )
    return t(
        "The owner of your mail address said that this account is not theirs. Nothing can be done in their name here. "
        "If it is yours, say so where I know you, or ask the PMO.",
    )


def roles_of(policy: Policy, person: Person, leads: bool) -> frozenset[Role]:
    """Roles from the policy (by mail address or chat user id) and from the register; at least viewer."""
    names = {person.email} | {identity.user_id for identity in person.identities}
    found = {role for role, members in policy.roles.items() if names & set(members)}
    if leads:
        found.add(Role.LEAD)
    return frozenset(found | {Role.VIEWER})


def pmo_mentions(uow: UnitOfWork, policy: Policy) -> list[Person]:
    """The people of the PMO, for "ask ..."."""
    wanted = set(policy.roles.get(Role.PMO, ()))
    found = []
    for name in policy.roles.get(Role.PMO, ()):
        found += [p for p in uow.people.find(name) if wanted & ({p.email} | {i.user_id for i in p.identities})]
    return list({person.id: person for person in found}.values())


def pmo_named(uow: UnitOfWork, policy: Policy) -> list[Mention | Plain]:
    """Everybody of the PMO, in the order of the settings: people as mentions, whom nobody has met as written there."""
    known = {name: p for p in pmo_mentions(uow, policy) for name in (p.email, *(i.user_id for i in p.identities))}
    found = (known.get(name, name) for name in policy.roles.get(Role.PMO, ()))
    named = (Plain(each) if isinstance(each, str) else Mention(each.id, each.name) for each in found)
    return list(dict.fromkeys(named))


def pmo_names(uow: UnitOfWork, policy: Policy) -> str:
    """The same as text; a dash when the settings name nobody."""
    named = pmo_named(uow, policy)
    return ", ".join(each.name if isinstance(each, Mention) else each.text for each in named) or "–"


def require_pmo(uow: UnitOfWork, policy: Policy, reader: Reader) -> None:
    """Let only the PMO pass.

    Raises:
        NotAllowed: with a text that names whom to ask.
    """
    if not reader.is_pmo:
        spans: list[Span] = []
        for each in pmo_named(uow, policy):
            spans += [Plain(", "), each] if spans else [each]
        line = reader.texts("Only the PMO may do this: {names}.")
        raise NotAllowed(line.format(names=pmo_names(uow, policy)), woven(line, names=tuple(spans) or (Plain("–"),)))
