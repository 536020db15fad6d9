"""Files for a person: Teams asks them first, then lets us put it among their files.

What is offered is not kept: when it is taken, it is made again from what it was asked by.
"""

from collections.abc import Mapping
from typing import Any, Final

from handlers.ports import Desk
from handlers.teams.data import click_data, ours
from handlers.teams.drawing import Drawing, sentence
from handlers.teams.inbound import Origin, click_of, part, text
from handlers.teams.render.text import shield
from handlers.teams.sender import TeamsMessenger
from handlers.teams.words import Words
from handlers.telling import log
from handlers.text import one_line
from handlers.work import Seen, Work
from reporting.interactions import SendFile
from reporting.ledger import MessageRef
from reporting.ports import DeliveryError

Json = dict[str, Any]
# Teams docs: send and receive files using a bot.
CONSENT: Final = "application/vnd.microsoft.teams.card.file.consent"
INFO: Final = "application/vnd.microsoft.teams.card.file.info"


def offer(file: SendFile, action: str, value: str, number: int) -> Json:
    """The question whether the person wants a file.

    Args:
        action, value: the button or line by which it was asked, and is asked again when it is taken.
        number: which of the files that come of it.
    """
    context = click_data(action, value, "message") | {"number": number}
    content = {
        "description": shield(one_line(file.comment)),
        "sizeInBytes": len(file.content),
        "acceptContext": context,
        "declineContext": context,
    }
    return {"type": "message", "attachments": [{"contentType": CONSENT, "name": file.filename, "content": content}]}


def number_of(context: Any) -> int:
    """Which file was taken."""
    number = context.get("number") if ours(context) else None
    return number if type(number) is int and number >= 0 else 0


class Files:
    """Hears what people answer to the question."""

    def __init__(self, desk: Desk, work: Work, messenger: TeamsMessenger, drawing: Drawing) -> None:
        self._desk = desk
        self._work = work
        self._messenger = messenger
        self._drawing = drawing
        self._taken = Seen(1_000)

    async def answered(self, origin: Origin, value: Mapping[str, Any], words: Words) -> None:
        """A file is wanted or not; the question is replaced by what became of it.

        Raises:
            DeliveryError: from Teams.
        """
        outcome = words.file_declined
        if text(value, "action") == "accept":
            # Pressed twice, or told twice by Teams: the same question with the same place for the file.
            taking = (origin.conversation, origin.message_id, text(part(value, "uploadInfo"), "uploadUrl"))
            if not self._taken.first(taking):
                return
            outcome = words.file_gone
            try:
                outcome = await self._sent(origin, value, words)
            finally:
                if outcome == words.file_gone:
                    self._taken.forget(taking)
        (card,) = await self._drawing.cards(origin.actor, sentence(outcome))
        if origin.message_id:
            await self._messenger.replace(MessageRef(origin.conversation, origin.message_id), card)

    async def _sent(self, origin: Origin, value: Mapping[str, Any], words: Words) -> str:
        click, info = click_of(value.get("context"), origin), part(value, "uploadInfo")
        reply = await self._work.call(self._desk.click, click) if click else ()
        files = [effect for effect in reply if isinstance(effect, SendFile)]
        number = number_of(value.get("context"))
        if number >= len(files):
            return words.file_gone
        await self._work.call(self._desk.handed_over, origin.actor, files[number])
        try:
            await self._messenger.connector.https.put_file(text(info, "uploadUrl"), files[number].content)
        except DeliveryError as error:
            log.warning("a file could not be put among somebody's files: %s", error.code)
            return words.file_gone
        await self._messenger.say(origin.conversation, origin.address, arrived(info))
        return words.file_sent.format(name=files[number].filename)


def arrived(info: Mapping[str, Any]) -> Json:
    """The message that shows the file where it lies now."""
    content = {"uniqueId": info.get("uniqueId"), "fileType": info.get("fileType")}
    card = {"contentType": INFO, "contentUrl": info.get("contentUrl"), "name": info.get("name"), "content": content}
    return {"type": "message", "attachments": [card]}
