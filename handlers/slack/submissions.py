"""Sending a form: commit first, then acknowledge; and when that cannot be done in time, nothing typed is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from handlers.introductions import Introductions
from handlers.ports import Desk
from handlers.slack import inbound
from handlers.slack.door import Door
from handlers.slack.forms import FormTooLarge, first_input, message_form, parse
from handlers.slack.forms.inputs import part_id
from handlers.slack.inbound import Origin
from handlers.slack.replies import Replies, sentence
from handlers.slack.sender import SlackMessenger
from handlers.slack.words import Words
from handlers.telling import Around, Interaction, interaction, logged, nothing_around, report_failure
from handlers.voices import Voices
from handlers.work import Latest, Work
from reporting.interactions import CloseForm, Effect, FieldErrors, OpenForm, Reply, UpdateForm
from reporting.ports import StoreBusy

Json = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]


class Submissions:
    """Hears `view_submission`.

    Args:
        budget: seconds within which the rules must have answered.
        around: what else is to be done around each, such as a span of a trace.
    """

    def __init__(
        self,
        desk: Desk,
        messenger: SlackMessenger,
        replies: Replies,
        work: Work,
        typing: Latest,
        voices: Voices[Words],
        door: Door,
        budget: float,
        introductions: Introductions,
        around: Around = nothing_around,
    ) -> None:
        self._desk = desk
        self._messenger = messenger
        self._replies = replies
        self._work = work
        self._typing = typing
        self._voices = voices
        self._door = door
        self._budget = budget
        self._introductions = introductions
        self._around = around

    async def on_submission(self, ack: Ack, body: Json) -> None:
        """Ask the desk, then acknowledge with what it answered; carry out the rest afterwards."""
        view: Mapping[str, Any] = body["view"]
        what = str(view.get("callback_id") or "")
        with interaction("submission", inbound.user_id(body), what, around=self._around) as doing:
            await self._heard(ack, body, view, doing)

    async def _heard(self, ack: Ack, body: Json, view: Mapping[str, Any], doing: Interaction) -> None:
        rest: Reply = ()
        # Known since the start, so this asks nobody.
        who = inbound.actor(body, (await self._messenger.start()).workspace)
        origin = Origin("form", who, view=view, team=inbound.team_of(body))
        try:
            async with asyncio.timeout(self._budget / 2):
                welcome = await self._door.admits(origin, in_haste=True)
            if not welcome:
                await ack(**await self._kept_open(origin, view, self._voices.at_hand(who).members_only))
                return
            reply = await self._submitted(origin)
            answer, rest = await self._acknowledgement(origin, view, reply)
            if any(isinstance(effect, FieldErrors) for effect in reply):
                doing.outcome = "corrections"
        except (StoreBusy, TimeoutError):
            doing.outcome = "too busy"
            answer = await self._kept_open(origin, view, self._voices.at_hand(origin.actor).busy)
        except Exception as error:  # noqa: BLE001 - an exception before the acknowledgement would lose the text
            ref = report_failure(f"submitting {view.get('callback_id')}", error)
            text = self._voices.at_hand(origin.actor).failed_form.format(ref=ref)
            answer = await self._kept_open(origin, view, text)
        await ack(**answer)
        if rest:
            self._work.spawn(logged("what follows a submission", self._replies.perform(origin, rest)))

    async def _submitted(self, origin: Origin) -> Reply:
        """What the desk answers within the budget; later than that it is carried out without the form.

        Raises:
            TimeoutError: the budget is used up. The rules go on.
        """
        assert origin.view is not None
        submission = parse(origin.view, origin.actor)
        end = asyncio.get_running_loop().time() + self._budget
        await self._typing.stop(submission.view, self._budget / 3)
        await self._introductions.of(submission)
        running = self._work.call(self._desk.submit, submission)
        await asyncio.wait([running], timeout=end - asyncio.get_running_loop().time())
        if not running.done():
            self._work.spawn(logged("a late submission", self._too_late(origin, running)))
            raise TimeoutError
        return self._taken(origin, running.result())

    def _taken(self, origin: Origin, reply: Reply) -> Reply:
        """What the desk answered. Once it closes the form, a key that arrives late is of no use."""
        if any(isinstance(effect, CloseForm) for effect in reply):
            self._typing.end(origin.view_id)
        return reply

    async def _acknowledgement(self, origin: Origin, view: Mapping[str, Any], reply: Reply) -> tuple[Json, Reply]:
        """The one effect that the acknowledgement itself carries, and all others."""
        for at, effect in enumerate(reply):
            rest = reply[:at] + reply[at + 1 :]
            match effect:
                case FieldErrors(errors):
                    return _errors(view, errors), rest
                case CloseForm(everything):
                    return ({"response_action": "clear"} if everything else {}), rest
                case UpdateForm(form, parent) if not parent:
                    return await self._changed(origin, "update", form, rest)
                case OpenForm(form):
                    return await self._changed(origin, "push", form, rest)
                case _:
                    pass
        return {}, reply

    async def _changed(self, origin: Origin, how: str, form: Any, rest: Reply) -> tuple[Json, Reply]:
        try:
            view = await self._replies.drawn(origin, form)
        except FormTooLarge:
            words = await self._voices.of(origin.actor)
            view = await self._replies.drawn(origin, message_form(sentence(words.too_large), words))
        return {"response_action": how, "view": view}, rest

    async def _kept_open(self, origin: Origin, view: Mapping[str, Any], text: str) -> Json:
        block = first_input(view)
        if block is not None:
            return {"response_action": "errors", "errors": {block: text}}
        words = await self._voices.of(origin.actor)
        drawn = await self._replies.drawn(origin, message_form(sentence(text), words))
        return {"response_action": "push", "view": drawn}

    async def _too_late(self, origin: Origin, running: Awaitable[Reply]) -> None:
        """The form stayed open and says so; once it is saved after all, it says that instead."""
        reply = self._taken(origin, await running)
        if any(isinstance(effect, FieldErrors) for effect in reply):
            return
        words = await self._voices.of(origin.actor)
        await self._replies.redraw(origin, origin.view_id, message_form(sentence(words.sent_late), words))
        await self._replies.perform(origin, tuple(e for e in reply if not _of_the_form(e)))


def _of_the_form(effect: Effect) -> bool:
    return isinstance(effect, CloseForm | OpenForm) or (isinstance(effect, UpdateForm) and not effect.parent)


def _errors(view: Mapping[str, Any], errors: Mapping[str, str]) -> Json:
    """Errors at the inputs of their fields; those without an input at the first one (Slack docs: modals, errors)."""
    inputs = {str(block["block_id"]) for block in view.get("blocks", ()) if block["type"] == "input"}
    shown: dict[str, str] = {}
    for field_id, words in errors.items():
        block = part_id(field_id, 1) if part_id(field_id, 1) in inputs else first_input(view)
        if block is not None:
            shown[block] = f"{shown[block]}\n{words}" if block in shown else words or "–"
    return {"response_action": "errors", "errors": shown} if shown else {}
