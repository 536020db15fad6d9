"""Buttons of posted cards that are answered in place (`Action.Execute`)."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from handlers.ports import Desk
from handlers.teams.door import Door, Welcome
from handlers.teams.drawing import Drawing
from handlers.teams.inbound import Origin
from handlers.teams.render import CARD
from handlers.teams.render.text import flat, shield
from handlers.teams.replies import Asked, Replies
from handlers.teams.voices import Voices
from handlers.telling import Interaction, logged, report_failure
from handlers.text import size
from handlers.work import Work
from reporting.interactions import Click, Reply, Say
from reporting.messages import Link, Message, Paragraph
from reporting.ports import StoreBusy

Json = dict[str, Any]
# What the client shows beside the card for a moment; longer answers are messages.
_SHORT: Final = 300


@dataclass(slots=True)
class Cards:
    """Answers them. Only the presser sees the answer; the card itself is changed by a message that replaces it.

    Attributes:
        budget: seconds within which the rules must have answered.
    """

    desk: Desk
    work: Work
    door: Door
    voices: Voices
    drawing: Drawing
    replies: Replies
    budget: float

    async def pressed(self, origin: Origin, click: Click | None, doing: Interaction) -> Json:
        """The answer to a button."""
        words = self.voices.at_hand(origin.actor)
        try:
            async with asyncio.timeout(self.budget):
                welcome = await self.door.receives(origin, in_haste=True)
                if welcome is not Welcome.YES:
                    return shown(words.members_only if welcome is Welcome.STRANGER else words.other_tenant)
                if click is None:
                    return shown(words.stale_button)
                return await self._answered(origin, click)
        except TimeoutError:
            doing.outcome = "late"
            return shown(words.answer_follows)
        except StoreBusy:
            doing.outcome = "too busy"
            return shown(words.busy_button)
        except Exception as error:  # noqa: BLE001 - without an answer Teams shows an error of its own
            return shown(words.failed.format(ref=report_failure(f"click {click.action if click else ''}", error)))

    async def _answered(self, origin: Origin, click: Click) -> Json:
        running = self.work.call(self.desk.click, click)
        asked = Asked(click.action, click.value)
        try:
            reply = await asyncio.shield(running)
        except asyncio.CancelledError:
            self.work.spawn(logged("a late answer", self._late(origin, running, asked)))
            raise
        words = await self.voices.of(origin.actor)
        if not reply:
            return shown(words.done)
        short = _short(reply)
        if short and not origin.personal:
            return shown(short)
        self.work.spawn(logged("answering a click", self.replies.perform(origin, reply, asked, alone=True)))
        first = reply[0]
        if isinstance(first, Say) and first.replace and origin.personal:
            # At once for this client; the message that is replaced brings it to their others.
            parts = await self.drawing.cards(origin.actor, first.message)
            return {"statusCode": 200, "type": CARD, "value": parts[0]["attachments"][0]["content"]}
        return shown(words.answer_below if origin.personal else words.answer_in_chat)

    async def _late(self, origin: Origin, running: asyncio.Future[Reply], asked: Asked) -> None:
        await self.replies.perform(origin, await running, asked, alone=True)


def shown(text: str) -> Json:
    """A line that the client shows to whoever pressed (Teams docs: response format of universal actions)."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text}


def _short(reply: Reply) -> str:
    """The one sentence that a reply is; empty when it is more."""
    match reply:
        case (Say(Message(blocks=(Paragraph(spans),))),) if not any(isinstance(span, Link) for span in spans):
            text = flat(spans)
            return shield(text) if size(text) <= _SHORT else ""
        case (Say(Message(summary, ())),):
            return shield(summary)
        case _:
            return ""
