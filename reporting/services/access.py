"""Who may do what. Checked here, on the server, for every action; whoever may not is told whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.model import Identity, Person, Project, Role
from reporting.policy import Policy
from reporting.ports import UnitOfWork
from reporting.texts import Texts


class NotAllowed(Exception):
    """The person may not do this. The text is for them."""


class Gone(Exception):
    """What somebody pressed a button for is not there any more, or never was."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person as they stand before the bot: roles, their own projects, their language."""

    person: Person
    identity: Identity
    roles: frozenset[Role]
    own_ids: tuple[int, ...]
    texts: Texts

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
    if not reader.person.id:
        raise NotAllowed(reader.texts("I do not know you yet. Write me a word, then press again."))


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


def require_pmo(uow: UnitOfWork, policy: Policy, reader: Reader) -> None:
    """Let only the PMO pass.

    Raises:
        NotAllowed: with a text that names whom to ask.
    """
    if not reader.is_pmo:
        names = ", ".join(person.name for person in pmo_mentions(uow, policy))
        raise NotAllowed(reader.texts("Only the PMO may do this: {names}.", names=names or "–"))
