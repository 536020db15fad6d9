"""Messages and forms drawn for one person: with their language, and the accounts and channels that are named."""

import secrets
from collections.abc import Mapping, Sequence

from handlers.mentions import people_in
from handlers.ports import Accounts
from handlers.teams.book import ChannelNames
from handlers.teams.forms import FormTooLarge, Recipient, draw_form, message_form
from handlers.teams.limits import FORM_UNITS_MOST
from handlers.teams.render import Account, render, render_home
from handlers.teams.render.look import Json
from handlers.teams.sender import TeamsMessenger
from handlers.teams.submissions import Sent, typed_texts
from handlers.teams.words import Words
from handlers.voices import Voices
from handlers.work import Work
from reporting.interactions import Form, Home, Value
from reporting.messages import Block, Message, Paragraph, Plain, Quote
from reporting.model import Identity

# What `message_form` calls its forms.
MESSAGE_FORM = "message"


def told(text: str) -> Json:
    """A dialog that only says something (Teams docs: responding to a dialog submission)."""
    return {"task": {"type": "message", "value": text}}


def sentence(text: str) -> Message:
    """A message of one sentence."""
    return Message(text, (Paragraph((Plain(text),)),))


class Drawing:
    """Draws.

    Args:
        accounts: Entra object ids by person id; called in a worker thread.
        names: names by person id, for people chosen in a form; called in a worker thread.
        key: seals what travels through a dialog; the same after a restart and in every process.
        opens: actions that open a form.
    """

    def __init__(
        self,
        work: Work,
        voices: Voices[Words],
        messenger: TeamsMessenger,
        accounts: Accounts,
        names: Accounts | None,
        key: bytes,
        opens: frozenset[str],
    ) -> None:
        self._work = work
        self._voices = voices
        self._messenger = messenger
        self._accounts = accounts
        self._names = names
        self._channels = ChannelNames(messenger.book)
        self.key = key
        self.opens = opens

    async def cards(self, who: Identity, message: Message, opening: str = "") -> list[Json]:
        """A message as activities.

        Args:
            opening: an action whose buttons open a dialog, beside those that always do.
        """
        accounts = await self._named(message)
        if opening:
            words, opens = await self._voices.of(who), self.opens | {opening}
            return await self._work.call(render, message, accounts, words, opens, channels=self._channels)
        users = {person: account.id for person, account in accounts.items()}
        locale = await self._voices.locale(who)
        return await self._work.call(self._messenger.draw, message, users, locale)

    async def posted(self, message: Message) -> Json:
        """The card of what was posted by itself, as everybody is shown it."""
        users = {person: account.id for person, account in (await self._named(message)).items()}
        first, *_ = await self._work.call(self._messenger.render, message, users)
        card: Json = first["attachments"][0]["content"]
        return card

    async def home(self, who: Identity, home: Home) -> list[Json]:
        """A home view as activities."""
        named, words = await self._named(home), await self._voices.of(who)
        return await self._work.call(render_home, home, named, words, self.opens, self._channels)

    async def dialog(
        self,
        who: Identity,
        form: Form,
        typed: Mapping[str, Value] | None = None,
        errors: Mapping[str, str] | None = None,
        beneath: str = "",
        once: str = "",
    ) -> Json:
        """A form as the answer that shows it; see `draw_form`."""
        recipient = await self.recipient(who, form)
        name = once or secrets.token_urlsafe(12)
        try:
            shown = await self._work.call(draw_form, form, recipient, name, typed, errors, beneath)
        except FormTooLarge:
            words = recipient.words
            return self._given_back(who, (words.too_large,), typed_texts(form, typed or {}), words, beneath)
        return {"task": {"type": "continue", "value": shown}}

    def kept(self, who: Identity, sent: Sent, words: Words, text: str) -> Json:
        """The same drawing with everything typed and what went wrong: sent again, it is known to be the same.

        Asks nobody for anything, since this is for when there is no time, or something has failed.
        """
        recipient = Recipient(who, self.key, words=words)
        once, typed = sent.submission.interaction, sent.submission.values
        try:
            shown = draw_form(sent.form, recipient, once, typed, {"": text}, sent.sealed_beneath)
        except FormTooLarge:
            return self._given_back(who, (text, words.no_room), typed_texts(sent.form, typed), words)
        return {"task": {"type": "continue", "value": shown}}

    def stale(self, who: Identity, typed: Sequence[str], words: Words) -> Json:
        """Instead of a form that nobody takes any more: that it is so, and the texts typed into it, to be copied."""
        if not typed:
            return told(words.stale_form)
        return self._given_back(who, (words.stale_form,), typed, words)

    def _given_back(
        self, who: Identity, said: Sequence[str], typed: Sequence[str], words: Words, beneath: str = ""
    ) -> Json:
        """In place of a form: why it is not there, and the texts typed into it, all of them if they fit at all."""
        lines = (*said, words.stale_typed) if typed else (*said,)
        blocks: tuple[Block, ...] = (
            *(Paragraph((Plain(line),)) for line in lines),
            *(Quote((Plain(text),)) for text in typed),
        )
        form, recipient = message_form(Message(said[0], blocks), words), Recipient(who, self.key, words=words)
        shown = draw_form(form, recipient, secrets.token_urlsafe(12), beneath=beneath, aim=FORM_UNITS_MOST)
        return {"task": {"type": "continue", "value": shown}}

    async def recipient(self, who: Identity, form: Form | None = None) -> Recipient:
        """For whom a form is drawn or sealed."""
        named = await self._named(form) if form is not None else {}
        return Recipient(who, self.key, named, await self._voices.of(who), self._channels)

    async def _named(self, value: object) -> dict[int, Account]:
        people = people_in(value)
        return await self._work.call(self._looked_up, people) if people else {}

    def _looked_up(self, people: set[int]) -> dict[int, Account]:
        ids = self._accounts(people)
        names = self._names(set(ids)) if self._names is not None and ids else {}
        return {person: Account(user, names.get(person, "")) for person, user in ids.items()}
