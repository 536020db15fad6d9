"""The desk that every chat adapter brings its clicks, submissions and commands to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from handlers import accounts, actions, commands, forms, home, pmo_forms
from handlers.handler import ActionHandler, FormHandler, say
from reporting.interactions import Click, Command, FieldErrors, Reply, Say, SendFile, Submission
from reporting.messages import Message, Paragraph
from reporting.model import Identity
from reporting.ports import Profile
from reporting.services import mending, people
from reporting.services.access import Gone, NotAllowed, Reader, actor_of, claim_words
from reporting.services.context import Services

_T = TypeVar("_T")
_ROOMS = (forms, actions, commands, home, pmo_forms, accounts)

OPENS: frozenset[str] = frozenset().union(*(room.OPENS for room in _ROOMS))
"""Actions that open a form: an adapter shows a waiting form first where it has little time for opening one."""


class Desk:
    """Finds who is asking, hands the matter to its handler, and turns refusals into answers.

    All methods are synchronous and open their own short transactions. They raise only what no handler can answer:
    `StoreBusy` and real faults; the adapter then says that nothing was lost.
    """

    def __init__(self, services: Services) -> None:
        """Gather the handlers of all rooms."""
        self._services = services
        self._actions: dict[str, ActionHandler] = _merge([room.ACTIONS for room in _ROOMS])
        self._forms: dict[str, FormHandler] = _merge([room.FORMS for room in _ROOMS])

    def meet(self, profile: Profile) -> bool:
        """Take note of what the chat system knows of a person; False when they are nobody who may ask."""
        with self._services.store.begin() as uow:
            return people.admit(uow, self._services, profile, self._services.clock.now())

    def knows(self, identity: Identity) -> bool:
        """Whether the account belongs to a person already."""
        with self._services.store.read() as uow:
            return people.owner(uow, identity) is not None

    def reached(self, identity: Identity, lost: tuple[str, ...]) -> None:
        """Somebody can be written to who could not be: what they missed and can still use is sent."""
        with self._services.store.begin() as uow:
            person = people.owner(uow, identity)
            if person is not None:
                mending.reached_again(uow, person.id, identity.platform, lost, self._services.clock.now())

    def changed(self, profile: Profile) -> None:
        """Somebody's account changed; of no interest unless the person is known."""
        if self.knows(profile.identity):
            self.meet(profile)

    def handed_over(self, identity: Identity, file: SendFile) -> None:
        """Write down who was given which file."""
        after = {**file.about, "file": file.filename}
        with self._services.store.begin() as uow:
            actor = actor_of(people.reader(uow, self._services, identity))
            uow.audit.append(self._services.clock.now(), actor, "register.exported", "register", None, after)

    def command(self, command: Command) -> Reply:
        """Answer a line typed."""
        return self._answer(command.actor, lambda reader: self._line(reader, command))

    def click(self, click: Click) -> Reply:
        """Answer a button or menu."""
        handler = self._actions.get(click.action)
        if handler is None:
            return self._answer(
                click.actor, lambda r: say(r.texts("This button is out of date. /rag shows how things stand now."))
            )
        return self._answer(click.actor, lambda reader: handler(self._services, reader, click))

    def submit(self, submission: Submission) -> Reply:
        """Take a form that was sent."""
        handler = self._forms[submission.form_id]
        try:
            return handler(self._services, self._reader(submission.actor), submission)
        except (NotAllowed, Gone) as refusal:
            # The form stays open with everything typed; the reason stands at its first field.
            first = next(iter(submission.values), "")
            return (FieldErrors({first: self._words(refusal, submission.actor)}),)

    def typing(self, submission: Submission) -> Reply:
        """A field changed in an open form."""
        keep = forms.TYPING.get(submission.form_id)
        if keep is None:
            return ()
        return self._answer(submission.actor, lambda reader: keep(self._services, reader, submission))

    def home(self, actor: Identity) -> Reply:
        """The person's home view."""
        return self._answer(actor, lambda reader: home.show_home(self._services, reader))

    def _line(self, reader: Reader, command: Command) -> Reply:
        answer = commands.answer_command(self._services, reader, command)
        if reader.claim is None:
            return answer
        # Why somebody whose account is nobody's yet is answered as a stranger is.
        why = say(claim_words(reader.texts, reader.claim))
        return answer if answer == why else (*why, *answer)

    def _answer(self, actor: Identity, handle: Callable[[Reader], Reply]) -> Reply:
        try:
            return handle(self._reader(actor))
        except (NotAllowed, Gone) as refusal:
            text = self._words(refusal, actor)
            spans = refusal.spans if isinstance(refusal, NotAllowed) else ()
            return (Say(Message(text, (Paragraph(spans),))),) if spans else say(text)

    def _reader(self, actor: Identity) -> Reader:
        with self._services.store.read() as uow:
            return people.reader(uow, self._services, actor)

    def _words(self, refusal: Exception, actor: Identity) -> str:
        if isinstance(refusal, NotAllowed):
            return str(refusal)
        with self._services.store.read() as uow:
            t = self._services.texts_for(people.owner(uow, actor), actor.platform)
        return t("This is out of date; what it spoke of has changed. /rag shows how things stand now.")


def _merge(tables: list[Mapping[str, _T]]) -> dict[str, _T]:
    merged: dict[str, _T] = {}
    for table in tables:
        twice = merged.keys() & table.keys()
        if twice:
            raise ValueError(f"two handlers for {', '.join(sorted(twice))}")
        merged |= table
    return merged
