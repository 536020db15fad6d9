"""Carries out what the desk answered outside dialogs: messages, files, home views, and buttons that open forms.

What people read here, others in a channel may not be allowed to see, and Teams has no message for one person alone.
So every answer goes to the person's own chat with us; where it was asked in a channel, that is all its thread is told.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from handlers.teams.drawing import Drawing, sentence
from handlers.teams.files import offer
from handlers.teams.inbound import Origin
from handlers.teams.sender import TeamsMessenger
from handlers.teams.words import Words
from handlers.telling import log
from handlers.voices import Voices
from handlers.work import Work
from reporting.interactions import (
    CloseForm,
    Effect,
    FieldErrors,
    Form,
    OpenForm,
    Reply,
    Say,
    SendFile,
    ShowHome,
    UpdateForm,
)
from reporting.ledger import MessageRef
from reporting.messages import Actions, Button, Message, Paragraph, Plain
from reporting.ports import DeliveryError, RetryLater, TargetGone

Json = dict[str, Any]
_LONGEST_WAIT: Final = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """The button that asks the same again: what it does, and with what."""

    action: str
    value: str = ""


class Replies:
    """Performs effects."""

    def __init__(self, messenger: TeamsMessenger, work: Work, voices: Voices[Words], drawing: Drawing) -> None:
        self._messenger = messenger
        self._work = work
        self._voices = voices
        self._drawing = drawing

    async def perform(self, origin: Origin, reply: Reply, asked: Asked | None = None, alone: bool = False) -> None:
        """Carry out every effect in order.

        Args:
            asked: how the same is asked by a button, for an answer that is a form.
            alone: leave the place where it was asked out of it: it was answered there already.

        Raises:
            DeliveryError: Teams refused something that matters.
        """
        try:
            files = 0
            for effect in reply:
                await self._effect(origin, effect, files, asked)
                files += isinstance(effect, SendFile)
        except TargetGone as error:
            if origin.personal or alone:
                raise
            log.warning("no chat with somebody: %s", error.code)
            await self._in_thread(origin, (await self._voices.of(origin.actor)).no_chat)
            return
        if reply and not origin.personal and not alone:
            await self._in_thread(origin, (await self._voices.of(origin.actor)).answered_alone)

    async def _effect(self, origin: Origin, effect: Effect, number: int, asked: Asked | None) -> None:
        match effect:
            case Say(message, replace):
                await self._say(origin, message, replace)
            case OpenForm(form) | UpdateForm(form):
                await self._offer(origin, form, asked)
            case FieldErrors(errors):
                await self.tell(origin, sentence("\n".join(errors.values())))
            case CloseForm():
                # Done by the answer to a dialog.
                pass
            case SendFile():
                await self._file(origin, effect, number, asked)
            case ShowHome(home):
                await self._post(origin, await self._drawing.home(origin.actor, home))
            case _:
                assert_never(effect)

    async def tell(self, origin: Origin, message: Message) -> None:
        """Say something to the person alone.

        Raises:
            DeliveryError: from Teams.
        """
        await self._post(origin, await self._drawing.cards(origin.actor, message))

    async def announce(self, origin: Origin, text: str) -> None:
        """Say something where it was done, to everybody there.

        Raises:
            DeliveryError: from Teams.
        """
        await self._in_thread(origin, text)

    async def refuse(self, origin: Origin, text: str) -> None:
        """Say to somebody who is not let in that they are not, where they asked: they may have no chat with us.

        Raises:
            DeliveryError: from Teams.
        """
        await self._in_thread(origin, text)

    # -- messages -----------------------------------------------------------------------------------------------

    async def _say(self, origin: Origin, message: Message, replace: bool) -> None:
        parts = await self._drawing.cards(origin.actor, message)
        if replace and origin.personal and origin.message_id:
            await self._messenger.replace(MessageRef(origin.conversation, origin.message_id), parts[0])
            parts = parts[1:]
        await self._post(origin, parts)

    async def _offer(self, origin: Origin, form: Form, asked: Asked | None) -> None:
        """A form opens only by a button that was pressed for it (Teams docs: dialogs)."""
        words = await self._voices.of(origin.actor)
        if asked is None:
            await self.tell(origin, sentence(words.stale_button))
            return
        text = words.form_waits.format(title=form.title)
        button = Button(asked.action, words.open_form, asked.value, style="primary")
        message = Message(text, (Paragraph((Plain(text),)), Actions((button,))))
        await self._post(origin, await self._drawing.cards(origin.actor, message, opening=asked.action))

    async def _file(self, origin: Origin, file: SendFile, number: int, asked: Asked | None) -> None:
        if asked is None:
            await self.tell(origin, sentence((await self._voices.of(origin.actor)).file_gone))
            return
        await self._post(origin, [offer(file, asked.action, asked.value, number)])

    async def _post(self, origin: Origin, parts: Sequence[Mapping[str, Any]]) -> None:
        conversation, address = await self._chat(origin)
        for part in parts:
            await self._patiently(conversation, address, part)

    async def _chat(self, origin: Origin) -> tuple[str, str]:
        """The person's own chat with us.

        Raises:
            TargetGone: there is none.
        """
        if origin.personal:
            return origin.conversation, origin.address
        place = await self._messenger.places.find(origin.actor.user_id)
        return place.conversation, place.address

    async def _patiently(self, conversation: str, address: str, part: Mapping[str, Any]) -> None:
        """Post, waiting once when Teams asks to: an answer to a person is worth a short wait."""
        try:
            await self._messenger.say(conversation, address, part)
        except RetryLater as error:
            if error.seconds > _LONGEST_WAIT:
                raise
            await asyncio.sleep(error.seconds)
            await self._messenger.say(conversation, address, part)

    async def _in_thread(self, origin: Origin, text: str) -> None:
        """One line with nothing in it that not everybody may read, where it was asked."""
        try:
            for part in await self._drawing.cards(origin.actor, sentence(text)):
                await self._patiently(origin.conversation, origin.address, part)
        except DeliveryError as error:
            if origin.personal:
                raise
            log.warning("a thread was not answered: %s", error.code)
