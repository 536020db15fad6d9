"""Dialogs: opened by a button or from the box in which people write, sent, asked for more, closed.

Commit first, then answer; and when that cannot be done in time, nothing typed is lost. A dialog can be changed only by
the answer to what was pressed in it, so whatever a reply says about forms has to be in that answer.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from handlers.introductions import Introductions
from handlers.ports import Desk
from handlers.teams.door import Door, Welcome
from handlers.teams.drawing import MESSAGE_FORM, Drawing, sentence, told
from handlers.teams.forms import keeps, message_form, seal_beneath
from handlers.teams.inbound import Origin
from handlers.teams.replies import Asked, Replies
from handlers.teams.state import State, Unreadable
from handlers.teams.submissions import Sent, read, texts_in
from handlers.teams.words import Words
from handlers.telling import Interaction, logged, report_failure
from handlers.voices import Voices
from handlers.work import Seen, Work
from reporting.interactions import (
    Click,
    CloseForm,
    Effect,
    FieldErrors,
    Form,
    OpenForm,
    Reply,
    Say,
    Submission,
    UpdateForm,
)
from reporting.ports import StoreBusy

Json = dict[str, Any]
R = TypeVar("R")


class UnknownForm(Exception):
    """A form that nobody here takes."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What somebody did: the button of a dialog, or of what opens one."""

    origin: Origin
    sent: Sent | None
    click: Click | None

    @property
    def asked(self) -> Asked | None:
        """How the same is asked once more."""
        return Asked(self.click.action, self.click.value) if self.click is not None else None

    @property
    def beneath(self) -> State | None:
        return self.sent.beneath if self.sent is not None else None

    @property
    def sealed_beneath(self) -> str:
        return self.sent.sealed_beneath if self.sent is not None else ""


class Dialogs:
    """Answers `task/fetch` and `task/submit`, and the same of message extensions.

    Args:
        budget: seconds within which the rules must have answered (Teams shows an error after five, and repeats).
    """

    def __init__(
        self,
        desk: Desk,
        work: Work,
        door: Door,
        voices: Voices[Words],
        drawing: Drawing,
        replies: Replies,
        budget: float,
        introductions: Introductions,
    ) -> None:
        self._desk = desk
        self._work = work
        self._door = door
        self._voices = voices
        self._drawing = drawing
        self._replies = replies
        self._budget = budget
        self._introductions = introductions
        self._sendings = Seen(1_000)
        self._told_late = Seen(1_000)

    # -- opening ------------------------------------------------------------------------------------------------

    async def opened(self, origin: Origin, click: Click | None, doing: Interaction) -> Json:
        """The answer to a button that opens a dialog, or to the command of a message extension."""
        words = self._voices.at_hand(origin.actor)
        turn = _Turn(origin, None, click)
        try:
            async with asyncio.timeout(self._budget):
                refusal = await self._refusal(origin)
                if refusal or click is None:
                    return told(refusal or words.stale_button)
                reply = await self._asked(turn, self._desk.click, click)
                return await self._shown(turn, reply) or told(words.done)
        except (StoreBusy, TimeoutError):
            doing.outcome = "too busy"
            return told(words.too_late)
        except Exception as error:  # noqa: BLE001 - without an answer Teams shows an error of its own
            return told(words.failed.format(ref=report_failure("opening a form", error)))

    async def _refusal(self, origin: Origin) -> str:
        """Why somebody is not served; empty for everybody else."""
        welcome = await self._door.receives(origin, in_haste=True)
        words = self._voices.at_hand(origin.actor)
        if welcome is Welcome.YES:
            return ""
        return words.other_tenant if welcome is Welcome.OTHER_TENANT else words.members_only

    # -- sending ------------------------------------------------------------------------------------------------

    async def sent(self, origin: Origin, data: Any, doing: Interaction) -> Json | None:
        """The answer to a button in a dialog; None closes it."""
        words = self._voices.at_hand(origin.actor)
        try:
            sent = read(data, origin.actor, self._drawing.key, words)
        except Unreadable:
            doing.outcome = "unreadable"
            return self._drawing.stale(origin.actor, texts_in(data), words)
        turn = _Turn(origin, sent, sent.click)
        try:
            async with asyncio.timeout(self._budget):
                refusal = await self._refusal(origin)
                if refusal:
                    return self._drawing.kept(origin.actor, sent, words, refusal)
                await self._introductions.of(sent.submission)
                reply = await self._reply(turn, sent)
        except UnknownForm:
            return self._drawing.stale(origin.actor, texts_in(data), words)
        except (StoreBusy, TimeoutError):
            doing.outcome = "too busy"
            return self._drawing.kept(origin.actor, sent, words, words.busy)
        except Exception as error:  # noqa: BLE001 - an exception before the answer would lose the text
            text = words.failed_form.format(ref=report_failure(f"{sent.kind} in {sent.form.id}", error))
            return self._drawing.kept(origin.actor, sent, words, text)
        if any(isinstance(effect, FieldErrors) for effect in reply):
            doing.outcome = "corrections"
        return await self._after(turn, sent, reply, words)

    async def _reply(self, turn: _Turn, sent: Sent) -> Reply:
        match sent.kind:
            case "send":
                reply = (FieldErrors(sent.complaints),) if sent.complaints else await self._submitted(turn, sent)
                refused = any(isinstance(effect, FieldErrors) for effect in reply)
                return (*reply, *await self._drafted(turn, sent)) if refused else reply
            case "press":
                return await self._asked(turn, self._desk.click, sent.click) if sent.click else ()
            case _:
                return await self._asked(turn, self._desk.typing, sent.submission)

    async def _drafted(self, turn: _Turn, sent: Sent) -> Reply:
        """Keep as a draft what could not be sent, where that is kept at all: nothing else tells us if it is closed now.

        Returns:
            How the form beneath looks from now on.
        """
        if not keeps(sent.form):
            return ()
        reply = await self._asked(turn, self._desk.typing, sent.submission)
        return tuple(effect for effect in reply if isinstance(effect, UpdateForm) and effect.parent)

    async def _after(self, turn: _Turn, sent: Sent, reply: Reply, words: Words) -> Json | None:
        """The answer, once the rules have done what was asked: whatever fails here, that is not undone."""
        closes = any(isinstance(effect, CloseForm) for effect in reply)
        try:
            if sent.kind == "keep":
                self._elsewhere(turn, reply)
                return None
            if sent.kind == "back":
                return await self._uncovered(turn, reply)
            shown = await self._shown(turn, reply)
            return shown if shown is not None or closes else await self._again(turn, sent)
        except Exception as error:  # noqa: BLE001 - without an answer Teams shows an error of its own
            ref = report_failure("answering a form", error)
            text = words.failed_form.format(ref=ref)
            return None if closes else self._drawing.kept(turn.origin.actor, sent, words, text)

    async def _submitted(self, turn: _Turn, sent: Sent) -> Reply:
        """What the desk says of a form. The same sending again, also while the first is under way, gets the same."""
        key = _name_of(sent.submission)
        running: asyncio.Future[Reply] | None = self._sendings.get(key)
        if running is None:
            running = self._work.call(self._take, sent.submission)
            self._sendings.first(key, running)
            running.add_done_callback(lambda done: self._ended(key, done))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # The time is up. The rules go on, and what they say is told when they are done.
            self._work.spawn(logged("a late submission", self._too_late(turn, key, running)))
            raise

    def _take(self, submission: Submission) -> Reply:
        try:
            return self._desk.submit(submission)
        except KeyError as error:
            if error.args == (submission.form_id,):
                raise UnknownForm from error
            raise

    def _ended(self, key: str, done: asyncio.Future[Reply]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._sendings.forget(key)

    async def _too_late(self, turn: _Turn, key: str, running: asyncio.Future[Reply]) -> None:
        """The form stayed open and says so; once it is saved after all, the person is told."""
        reply = await running
        refused = any(isinstance(effect, FieldErrors | UpdateForm | OpenForm) for effect in reply)
        if refused or not self._told_late.first(key):
            return
        words = await self._voices.of(turn.origin.actor)
        late = (Say(sentence(words.sent_late)), *_outside(reply))
        await self._replies.perform(turn.origin, late, turn.asked, alone=True)

    async def _asked(self, turn: _Turn, ask: Callable[[R], Reply], what: R) -> Reply:
        """What the desk answers; too late for the dialog, what is not about forms is still carried out."""
        running = self._work.call(ask, what)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._work.spawn(logged("a late answer", self._late(turn, running)))
            raise

    async def _late(self, turn: _Turn, running: asyncio.Future[Reply]) -> None:
        await self._replies.perform(turn.origin, _outside(await running), turn.asked, alone=True)

    # -- what is shown then -------------------------------------------------------------------------------------

    async def _shown(self, turn: _Turn, reply: Reply) -> Json | None:
        """The one effect that the dialog shows, and all others carried out where they belong; None when it is none."""
        for effect in reply:
            rest = tuple(other for other in reply if other is not effect)
            if isinstance(effect, CloseForm) and (turn.beneath is None or effect.all):
                return await self._closed(turn, rest)
            answer = await self._changed(turn, effect, reply)
            if answer is not None:
                self._elsewhere(turn, rest)
                return answer
        said = next((effect for effect in reply if isinstance(effect, Say)), None)
        self._elsewhere(turn, tuple(other for other in reply if other is not said))
        if said is not None:
            return await self._noted(turn, said)
        under = _parent(reply)
        return await self._again(turn, turn.sent, parent=under) if turn.sent and under else None

    async def _changed(self, turn: _Turn, effect: Effect, reply: Reply) -> Json | None:
        """The dialog after an effect that changes it; None after any other."""
        match effect:
            case FieldErrors(errors) if turn.sent is not None:
                return await self._again(turn, turn.sent, errors, _parent(reply))
            case FieldErrors(errors):
                return await self._noted(turn, Say(sentence("\n".join(errors.values()))))
            case UpdateForm(form, parent) if not parent or turn.beneath is None:
                typed = turn.sent.submission.values if turn.sent is not None else None
                return await self._drawing.dialog(turn.origin.actor, form, typed, beneath=turn.sealed_beneath)
            case OpenForm(form):
                return await self._on_top(turn, form)
            case CloseForm():
                return await self._uncovered(turn, reply)
            case _:
                return None

    async def _again(
        self, turn: _Turn, sent: Sent, errors: Mapping[str, str] | None = None, parent: Form | None = None
    ) -> Json:
        """The same form with everything typed.

        Args:
            parent: how the form beneath looks from now on.
        """
        who, beneath, under = turn.origin.actor, sent.sealed_beneath, sent.beneath
        if parent is not None and under is not None:
            recipient = await self._drawing.recipient(who)
            beneath = seal_beneath(parent, recipient, under.once, under.typed, under.beneath)
        return await self._drawing.dialog(who, sent.form, sent.submission.values, errors, beneath)

    async def _on_top(self, turn: _Turn, form: Form) -> Json:
        who, sent, beneath = turn.origin.actor, turn.sent, turn.sealed_beneath
        if sent is not None and sent.form.id != MESSAGE_FORM:
            recipient = await self._drawing.recipient(who)
            once, typed = sent.submission.interaction, sent.submission.values
            beneath = seal_beneath(sent.form, recipient, once, typed, sent.sealed_beneath)
        return await self._drawing.dialog(who, form, beneath=beneath)

    async def _noted(self, turn: _Turn, said: Say) -> Json:
        words = await self._voices.of(turn.origin.actor)
        return await self._on_top(turn, message_form(said.message, words))

    async def _uncovered(self, turn: _Turn, reply: Reply) -> Json | None:
        """The form beneath, drawn anew where the reply says how."""
        under = turn.beneath
        if under is None:
            return None
        form = _parent(reply) or under.form
        return await self._drawing.dialog(turn.origin.actor, form, under.typed, beneath=under.beneath)

    async def _closed(self, turn: _Turn, rest: Reply) -> Json | None:
        """Nothing, which closes the dialog; or in its place what there is to say about it."""
        said = next((effect for effect in rest if isinstance(effect, Say)), None)
        self._elsewhere(turn, tuple(other for other in rest if other is not said))
        return None if said is None else await self._noted(_Turn(turn.origin, None, turn.click), said)

    def _elsewhere(self, turn: _Turn, reply: Reply) -> None:
        """Begin what does not belong into the dialog; a failure of it undoes nothing."""
        rest = _outside(reply)
        if rest:
            doing = self._replies.perform(turn.origin, rest, turn.asked, alone=True)
            self._work.spawn(logged("what follows a form", doing))


def _parent(reply: Reply) -> Form | None:
    return next((effect.form for effect in reply if isinstance(effect, UpdateForm) and effect.parent), None)


def _outside(reply: Reply) -> Reply:
    return tuple(effect for effect in reply if not _of_the_dialog(effect))


def _of_the_dialog(effect: Effect) -> bool:
    return isinstance(effect, CloseForm | OpenForm | UpdateForm | FieldErrors)


def _name_of(submission: Submission) -> str:
    """A name for one sending: this drawing, by this person, with these values."""
    what = json.dumps([submission.actor.user_id, submission.interaction, submission.form_id, repr(sorted(
        submission.values.items()))])  # fmt: skip
    return hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()
