"""Who and what there is: people with their chats, teams with their channels, and what the bot posted there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

Json = dict[str, Any]


@dataclass
class Posted:
    """One message of the bot as Teams has it.

    Attributes:
        root: the activity id of the message whose thread it is in; empty at the top.
        edits: how often it was replaced.
    """

    id: str
    conversation: str
    activity: Json
    root: str = ""
    edits: int = 0

    @property
    def summary(self) -> str:
        return str(self.activity.get("summary", ""))

    @property
    def card(self) -> Json:
        """The content of its one attachment."""
        (attachment,) = self.activity["attachments"]
        content: Json = attachment["content"]
        return content


@dataclass
class Place:
    """A conversation with the bot in it: a personal chat, a channel, or a chat of several people."""

    id: str
    kind: Literal["personal", "channel", "groupChat"]
    name: str = ""
    people: list[FakePerson] = field(default_factory=list)
    person: FakePerson | None = None
    team: FakeTeam | None = None
    posted: dict[str, Posted] = field(default_factory=dict)

    def messages(self, root: str | None = None) -> list[Posted]:
        """What stands there now, oldest first; with `root` only that thread's replies."""
        return [one for one in self.posted.values() if root is None or one.root == root]


@dataclass
class FakePerson:
    """Somebody of the tenant.

    Attributes:
        upn: the name they sign in with; the mail address where none is given.
    """

    aad: str
    teams_id: str
    name: str
    mail: str
    installed: bool = True
    blocked: bool = False
    guest: bool = False
    active: bool = True
    tenant: str = ""
    chat: Place | None = None
    upn: str = ""

    def __post_init__(self) -> None:
        self.upn = self.upn or self.mail

    def messages(self) -> list[Posted]:
        """What the bot wrote into the personal chat."""
        return self.chat.messages() if self.chat else []

    def account(self) -> Json:
        """As in `from` of an activity."""
        return {"id": self.teams_id, "name": self.name, "aadObjectId": self.aad}

    def member(self) -> Json:
        """As in a roster."""
        given, _, family = self.name.partition(" ")
        return {
            **self.account(), "givenName": given, "surname": family, "email": self.mail, "tenantId": self.tenant,
            "userPrincipalName": self.upn, "userRole": "guest" if self.guest else "user",
        }  # fmt: skip


@dataclass
class FakeTeam:
    """A team with the bot in it; its id is that of its General channel."""

    id: str
    name: str
    group: str
    members: list[FakePerson] = field(default_factory=list)
    channels: dict[str, Place] = field(default_factory=dict)

    @property
    def general(self) -> Place:
        return self.channels[self.id]

    def channel(self, name: str) -> Place:
        """A channel by its name, made when it is not there yet."""
        for place in self.channels.values():
            if place.name == name:
                return place
        made = Place(f"19:{self.group[:8]}{len(self.channels):04}@thread.tacv2", "channel", name, team=self)
        self.channels[made.id] = made
        return made


class World:
    """All of it."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.people: list[FakePerson] = []
        self.teams: dict[str, FakeTeam] = {}
        self.chats: dict[str, Place] = {}
        self._numbers = count(1)

    def person(self, name: str, mail: str = "", installed: bool = True, **more: Any) -> FakePerson:
        """Somebody new; the mail address is `first.last@labs.example`."""
        n = next(self._numbers)
        mail = mail or f"{name.lower().replace(' ', '.')}@labs.example"
        aad = f"{n:08x}-0000-4000-8000-{n:012x}"
        made = FakePerson(aad, f"29:1x{n:04}", name, mail, tenant=self.tenant, installed=False, **more)
        self.people.append(made)
        if installed:
            self.install(made)
        return made

    def install(self, person: FakePerson) -> Place:
        """Put the app into somebody's personal chat."""
        person.installed = True
        return self.chat(person)

    def uninstall(self, person: FakePerson) -> None:
        """Take it away; what was written stays."""
        person.installed = False

    def chat(self, person: FakePerson) -> Place:
        """The personal chat, made when there is none."""
        if person.chat is None:
            person.chat = Place(f"a:1chat{len(self.chats):04}", "personal", person=person)
            self.chats[person.chat.id] = person.chat
        return person.chat

    def renew_chat(self, person: FakePerson) -> Place:
        """From now on the personal chat has another id, and the old one is not there."""
        assert person.chat is not None
        del self.chats[person.chat.id]
        person.chat.id = f"{person.chat.id}x"
        self.chats[person.chat.id] = person.chat
        return person.chat

    def team(self, name: str, members: Sequence[FakePerson] = ()) -> FakeTeam:
        """A team with the app, with its General channel."""
        n = next(self._numbers)
        group = f"{n:08x}-1111-4000-8000-{n:012x}"
        made = FakeTeam(f"19:team{n:04}@thread.tacv2", name, group, list(members))
        # Teams tells no name for General.
        made.channels[made.id] = Place(made.id, "channel", "", team=made)
        self.teams[made.id] = made
        return made

    def group(self, members: Sequence[FakePerson]) -> Place:
        """A chat of several people with the app."""
        made = Place(f"19:group{next(self._numbers):04}@thread.v2", "groupChat", people=list(members))
        self.chats[made.id] = made
        return made

    def remove_team(self, team: FakeTeam) -> None:
        """The app is taken out of a team."""
        del self.teams[team.id]

    def by_id(self, user_id: str) -> FakePerson | None:
        """Somebody by Teams or Entra id."""
        return next((p for p in self.people if user_id in (p.teams_id, p.aad)), None)

    def at(self, conversation: str) -> Place | None:
        """A conversation by id; a thread is found as its channel."""
        base = conversation.partition(";")[0]
        channels = (team.channels.get(base) for team in self.teams.values())
        return self.chats.get(base) or next((place for place in channels if place), None)

    def members(self, place: Place) -> list[FakePerson]:
        """Who is in a conversation."""
        if place.team is not None:
            return place.team.members
        return [place.person] if place.person else place.people

    def shares_team(self, person: FakePerson) -> bool:
        """Whether somebody is in a team that has the app."""
        return any(person in team.members for team in self.teams.values())

    def number(self) -> str:
        """A new activity id."""
        return str(1_795_000_000_000 + next(self._numbers))
