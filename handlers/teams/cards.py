"""Buttons of posted cards that are answered in place (`Action.Execute`)."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from handlers.ports import Current, Desk
from handlers.teams.door import Door, Welcome
from handlers.teams.drawing import Drawing, sentence
from handlers.teams.inbound import Origin
from handlers.teams.render import CARD
from handlers.teams.render.text import flat, shield
from handlers.teams.replies import Asked, Replies
from handlers.teams.words import Words
from handlers.telling import Interaction, logged, report_failure
from handlers.text import size
from handlers.voices import Voices
from handlers.work import Work
from reporting.interactions import Click, Reply, Say
from reporting.messages import Channel, Link, Message, Paragraph
from reporting.ports import StoreBusy

Json = dict[str, Any]
# What the client shows beside the card for a moment; longer answers are messages.
_SHORT: Final = 300


@dataclass(slots=True)
class Cards:
    """Answers them. Only the presser sees the answer; the card itself is changed by a message that replaces it.

    Attributes:
        budget: seconds within which the rules must have answered.
        current: what was posted somewhere, as it should read now; see `Current`.
    """

    desk: Desk
    work: Work
    door: Door
    voices: Voices[Words]
    drawing: Drawing
    replies: Replies
    budget: float
    current: Current | None = None

    async def renewed(self, click: Click) -> Json:
        """The card as it stands now, for a client that asks by itself; nothing is done, and nobody is told anything.

        Who may see it is not asked: it is what was posted in the place that they ask from.
        """
        try:
            async with asyncio.timeout(self.budget):
                message = await self.work.call(self.current, click) if self.current else None
                return _instead(await self.drawing.posted(message)) if message else shown("")
        except (StoreBusy, TimeoutError):
            return shown("")
        except Exception as error:  # noqa: BLE001 - the client keeps the card that it has
            report_failure("renewing a card", error)
            return shown("")

    async def pressed(self, origin: Origin, click: Click | None, doing: Interaction) -> Json:
        """The answer to a button."""
        words = self.voices.at_hand(origin.actor)
        if click is None:
            return shown(words.stale_button)
        asked = Asked(click.action, click.value)
        deed = self.work.spawn(self._done(origin, click))
        try:
            async with asyncio.timeout(self.budget):
                return await self._answered(origin, await asyncio.shield(deed), asked)
        except TimeoutError:
            doing.outcome = "late"
            self.work.spawn(logged("a late answer", self._late(origin, deed, asked)))
            return shown(words.answer_follows)
        except Exception as error:  # noqa: BLE001 - without an answer Teams shows an error of its own
            doing.outcome = "too busy" if isinstance(error, StoreBusy) else doing.outcome
            return shown(_failed(error, click.action, words))

    async def _done(self, origin: Origin, click: Click) -> Reply | str:
        """What the desk says to the click; a line for those who are not let in. Goes on when the time is up."""
        welcome = await self.door.receives(origin, in_haste=True)
        if welcome is Welcome.YES:
            return await self.work.call(self.desk.click, click)
        words = self.voices.at_hand(origin.actor)
        return words.members_only if welcome is Welcome.STRANGER else words.other_tenant

    async def _answered(self, origin: Origin, reply: Reply | str, asked: Asked) -> Json:
        """The answer. What takes its time comes before anything is begun, so that a late one is not given twice."""
        words = await self.voices.of(origin.actor)
        if isinstance(reply, str):
            return shown(reply)
        short = _short(reply) if reply else words.done
        if short and (not reply or not origin.personal):
            return shown(short)
        answer = shown(words.answer_below if origin.personal else words.answer_in_chat)
        first = reply[0]
        if isinstance(first, Say) and first.replace and origin.personal:
            # At once for this client; the message that is replaced brings it to their others.
            parts = await self.drawing.cards(origin.actor, first.message)
            answer = _instead(parts[0]["attachments"][0]["content"])
        self.work.spawn(logged("answering a click", self.replies.perform(origin, reply, asked, alone=True)))
        return answer

    async def _late(self, origin: Origin, deed: asyncio.Task[Reply | str], asked: Asked) -> None:
        """Say in their own chat what could not be said in time, and also that it has failed."""
        try:
            reply = await deed
        except Exception as error:  # noqa: BLE001 - they were told that an answer follows
            reply = _failed(error, asked.action, self.voices.at_hand(origin.actor))
        effects = (Say(sentence(reply)),) if isinstance(reply, str) else reply
        await self.replies.perform(origin, effects, asked, alone=True)


def _failed(error: Exception, action: str, words: Words) -> str:
    if isinstance(error, StoreBusy):
        return words.busy_button
    return words.failed.format(ref=report_failure(f"click {action}", error))


def _instead(card: Json) -> Json:
    """A card that this client shows in the place of the one that was posted."""
    return {"statusCode": 200, "type": CARD, "value": card}


def shown(text: str) -> Json:
    """A line that the client shows to whoever pressed (Teams docs: response format of universal actions)."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text}


def _short(reply: Reply) -> str:
    """The one sentence that a reply is; empty when it is more."""
    match reply:
        case (Say(Message(blocks=(Paragraph(spans),))),) if not any(isinstance(span, Link | Channel) for span in spans):
            text = flat(spans)
            return shield(text) if size(text) <= _SHORT else ""
        case (Say(Message(summary, ())),):
            return shield(summary)
        case _:
            return ""
