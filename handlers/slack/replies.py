"""Carries out what the desk answered: messages, forms, files and home views, wherever the person is."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, assert_never

from handlers.mentions import people_in
from handlers.ports import Accounts
from handlers.slack.errors import BLOCK_FAULTS, TOO_LATE, VIEW_FAULTS
from handlers.slack.forms import FormTooLarge, draw_form, loading_form, message_form
from handlers.slack.inbound import Origin
from handlers.slack.limits import RESPONSE_POSTS
from handlers.slack.render import render_home
from handlers.slack.sender import SlackMessenger
from handlers.slack.words import Words
from handlers.voices import Voices
from handlers.work import Seen, Work
from reporting.interactions import (
    CloseForm,
    FieldErrors,
    Form,
    Home,
    OpenForm,
    Reply,
    Say,
    SendFile,
    ShowHome,
    UpdateForm,
)
from reporting.ledger import MessageRef
from reporting.messages import Message, Paragraph, Plain
from reporting.model import Identity
from reporting.ports import AppFault, DeliveryError, RetryLater, TargetGone

Json = dict[str, Any]
_LONGEST_WAIT = 30.0


def sentence(text: str) -> Message:
    """A message of one sentence."""
    return Message(text, (Paragraph((Plain(text),)),))


@dataclass(slots=True)
class Loading:
    """The view that stands open with "one moment"; whoever comes first fills it."""

    view_id: str = ""

    def take(self) -> str:
        """Its id, once; afterwards an empty text."""
        view_id, self.view_id = self.view_id, ""
        return view_id


class Replies:
    """Performs effects.

    Args:
        command: the slash command's name, for telling where forms can be opened.
    """

    def __init__(
        self,
        messenger: SlackMessenger,
        work: Work,
        accounts: Accounts,
        voices: Voices[Words],
        handed_over: Callable[[Identity, SendFile], None],
        command: str = "/rag",
    ) -> None:
        self._messenger = messenger
        self._work = work
        self._accounts = accounts
        self._voices = voices
        self._handed_over = handed_over
        self._command = command
        self._homes = Seen()

    # -- all of it ----------------------------------------------------------------------------------------------

    async def perform(self, origin: Origin, reply: Reply, loading: Loading | None = None) -> None:
        """Carry out every effect in order.

        Args:
            loading: the view that stands open with "one moment", to be filled by the first form or message.

        Raises:
            DeliveryError: Slack refused something that matters.
        """
        standing = loading or Loading()
        for effect in reply:
            match effect:
                case Say(message, replace):
                    await self._say(origin, message, replace, standing)
                case OpenForm(form):
                    await self._open(origin, form, standing)
                case UpdateForm(form, parent):
                    await self._update(origin, form, parent, standing)
                case FieldErrors(errors):
                    # Only a submission can show errors at fields; anything else says them.
                    await self._say(origin, sentence("\n".join(errors.values())), False, standing)
                case CloseForm():
                    # Done by the acknowledgement of a submission; Slack knows no other way to close a form.
                    pass
                case SendFile(filename, content, comment):
                    await self._work.call(self._handed_over, origin.actor, effect)
                    await self._messenger.upload(origin.actor.user_id, filename, content, comment)
                case ShowHome(home):
                    await self.show_home(origin.actor, home)
                case _:
                    assert_never(effect)
        if standing.view_id:
            words = await self._voices.of(origin.actor)
            await self._fill(origin, standing.take(), message_form(sentence(words.done), words))

    async def open_loading(self, origin: Origin) -> Loading:
        """Open "one moment" at once, since a trigger lives for three seconds.

        Raises:
            DeliveryError: from Slack.
        """
        words = await self._voices.of(origin.actor)
        return Loading(await self._show(origin, loading_form(words)))

    async def drawn(self, origin: Origin, form: Form) -> Json:
        """A form as a view for somebody, with the accounts of the people in it.

        Raises:
            FormTooLarge: it cannot be made to fit.
        """
        words = await self._voices.of(origin.actor)
        return draw_form(form, await self.users(form), words, self._messenger.new_blocks)

    async def users(self, value: Any) -> Mapping[int, str]:
        """Chat user ids of everybody named in a message, form or home view."""
        people = people_in(value)
        return await self._work.call(self._accounts, people) if people else {}

    # -- messages -----------------------------------------------------------------------------------------------

    async def tell(self, origin: Origin, message: Message, loading: Loading | None = None) -> None:
        """Say something privately where the person is.

        Raises:
            DeliveryError: from Slack.
        """
        await self._say(origin, message, False, loading or Loading())

    async def _say(self, origin: Origin, message: Message, replace: bool, loading: Loading) -> None:
        if loading.view_id:
            if await self._as_form(origin, message, partial(self._fill, origin, loading.take())):
                return
        elif origin.kind in {"form", "home", "shortcut"} and origin.trigger_id:
            if await self._as_form(origin, message, partial(self._show, origin)):
                return
        elif origin.response_url and not origin.direct:
            await self._respond(origin, message, replace)
            return
        elif origin.kind == "mention":
            await self._whisper(origin, message)
            return
        await self._in_direct(origin, message, replace)

    async def _as_form(self, origin: Origin, message: Message, show: Callable[[Form], Any]) -> bool:
        """Show a message as a form; False when it must be said elsewhere."""
        try:
            await show(message_form(message, await self._voices.of(origin.actor)))
        except (FormTooLarge, AppFault, TargetGone):
            return False
        return True

    async def _respond(self, origin: Origin, message: Message, replace: bool) -> None:
        parts = await self._parts(origin, message)
        shown = parts if len(parts) <= RESPONSE_POSTS else parts[: RESPONSE_POSTS - 1]
        try:
            for at, part in enumerate(shown):
                replaces = replace and at == 0 and origin.private
                send = partial(self._messenger.respond, origin.response_url, replace=replaces)
                await self._refitted(origin, message, at, part, send)
        except (AppFault, TargetGone, RetryLater):
            # Thirty minutes have passed, five posts were made, or the line broke: the direct conversation still works.
            await self._in_direct(origin, message, False)
            return
        if len(parts) > len(shown):
            words = await self._voices.of(origin.actor)
            await self._messenger.respond(origin.response_url, {"text": words.in_direct})
            for part in parts[len(shown) :]:
                await self._patiently(origin.actor.user_id, part)

    async def _whisper(self, origin: Origin, message: Message) -> None:
        parts = await self._parts(origin, message)
        try:
            for at, part in enumerate(parts):
                send = partial(
                    self._messenger.ephemeral, origin.channel, origin.actor.user_id, thread_ts=origin.thread_ts
                )
                await self._refitted(origin, message, at, part, send)
        except TargetGone:
            await self._in_direct(origin, message, False)

    async def _in_direct(self, origin: Origin, message: Message, replace: bool) -> None:
        """As ordinary messages in the direct conversation."""
        channel = origin.channel if origin.direct else origin.actor.user_id
        thread = origin.thread_ts if origin.direct else ""
        for at, part in enumerate(await self._parts(origin, message)):
            if at == 0 and replace and origin.direct and origin.message_ts:
                await self._messenger.update(MessageRef(origin.channel, origin.message_ts), part, "answer")
                continue
            await self._refitted(origin, message, at, part, partial(self._patiently, channel, thread=thread))

    async def _parts(self, origin: Origin, message: Message) -> list[Json]:
        locale = await self._voices.locale(origin.actor)
        return self._messenger.render(message, await self.users(message), locale)

    async def _refitted(
        self, origin: Origin, message: Message, at: int, part: Json, send: Callable[[Json], Awaitable[None]]
    ) -> None:
        """Send a part; when its blocks are refused, the same part of the message in the oldest blocks."""
        try:
            await send(part)
        except AppFault as error:
            if error.code not in BLOCK_FAULTS:
                raise
            locale = await self._voices.locale(origin.actor)
            plain = self._messenger.render_plain(message, await self.users(message), locale)
            for each in plain[at : at + 1] or plain[-1:]:
                await send(each)

    async def _patiently(self, channel: str, part: Json, thread: str = "") -> None:
        """Post, waiting once when Slack asks to: an answer to a person is worth a short wait."""
        try:
            await self._messenger.say(channel, part, thread)
        except RetryLater as error:
            if error.seconds > _LONGEST_WAIT:
                raise
            await asyncio.sleep(error.seconds)
            await self._messenger.say(channel, part, thread)

    # -- forms --------------------------------------------------------------------------------------------------

    async def _open(self, origin: Origin, form: Form, loading: Loading) -> None:
        if loading.view_id:
            await self._fill(origin, loading.take(), form)
        elif not origin.trigger_id:
            words = await self._voices.of(origin.actor)
            await self.tell(origin, sentence(words.no_form_here.format(command=self._command)))
        else:
            try:
                await self._show(origin, form)
            except AppFault as error:
                if error.code not in TOO_LATE:
                    raise
                words = await self._voices.of(origin.actor)
                await self._in_direct(origin, sentence(words.too_late), False)

    async def _update(self, origin: Origin, form: Form, parent: bool, loading: Loading) -> None:
        view = origin.view or {}
        target = str(view.get("previous_view_id") or "") if parent else origin.view_id
        if loading.view_id or not target or origin.kind == "home":
            await self._open(origin, form, loading)
        else:
            await self.redraw(origin, target, form)

    async def redraw(self, origin: Origin, view_id: str, form: Form, view_hash: str | None = None) -> None:
        """Draw an open form anew. Nothing when it was closed, or when somebody was quicker (`view_hash`).

        Raises:
            DeliveryError: from Slack.
            FormTooLarge: it cannot be made to fit.
        """
        try:
            await self._with_view(origin, form, "views.update", view_id=view_id, hash=view_hash)
        except TargetGone:
            return
        except AppFault as error:
            if error.code != "hash_conflict":
                raise

    async def _fill(self, origin: Origin, loading: str, form: Form) -> None:
        try:
            await self.redraw(origin, loading, form)
        except FormTooLarge:
            words = await self._voices.of(origin.actor)
            await self.redraw(origin, loading, message_form(sentence(words.too_large), words))

    async def _show(self, origin: Origin, form: Form) -> str:
        """Open a form, on top of the one in hand if there is one."""
        method = "views.push" if origin.kind == "form" else "views.open"
        answer = await self._with_view(origin, form, method, trigger_id=origin.trigger_id)
        return str(answer["view"]["id"])

    async def _with_view(self, origin: Origin, form: Form, method: str, **arguments: Any) -> Json:
        users = await self.users(form)
        draw = partial(draw_form, form, users, await self._voices.of(origin.actor))
        return await self._in_either(lambda new: draw(new_blocks=new), method, **arguments)

    async def _in_either(self, draw: Callable[[bool], Json], method: str, **arguments: Any) -> Json:
        """A call with a view; when its blocks are refused, once more with the oldest blocks."""
        new = self._messenger.new_blocks
        try:
            return await self._messenger.guarded(method, view=draw(new), **arguments)
        except AppFault as error:
            if error.code not in VIEW_FAULTS or not new:
                raise
        return await self._messenger.guarded(method, view=draw(False), **arguments)

    # -- home ---------------------------------------------------------------------------------------------------

    async def show_home(self, who: Identity, home: Home, known: bool = False) -> None:
        """Publish a home view.

        Args:
            known: Slack has said that it shows one of ours, so the same need not be sent again.

        Raises:
            DeliveryError: from Slack.
        """
        draw = partial(render_home, home, await self.users(home), await self._voices.of(who))
        digest = hashlib.sha256(json.dumps(draw(self._messenger.new_blocks), sort_keys=True).encode()).hexdigest()
        if not self._homes.first(who, digest) and known:
            return
        try:
            await self._in_either(draw, "views.publish", user_id=who.user_id)
        except DeliveryError as error:
            self._homes.forget(who)
            if error.code != "not_enabled":
                # Without a Home tab nobody misses it.
                raise
