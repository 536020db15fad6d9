"""What people type to us, and buttons whose press comes as a message."""

import re
from collections.abc import Awaitable
from dataclasses import replace
from typing import Final

from handlers.ports import Desk
from handlers.teams import inbound
from handlers.teams.door import Door, Welcome
from handlers.teams.drawing import sentence
from handlers.teams.inbound import Json, Origin, part, text
from handlers.teams.installation import Presence
from handlers.teams.replies import Asked, Replies
from handlers.teams.surface import NAME, Surface
from handlers.teams.words import Words
from handlers.telling import Around, heard, report_failure
from handlers.voices import Voices
from handlers.work import Seen, Work
from reporting.interactions import Click, Command

# The button that asks what a typed line asks.
LINE: Final = "query.run"
_HELLO: Final = "hello"
# Our name where it is no mention: every text teaches to write it, so people do so in their own chat too.
_NAMED: Final = re.compile(rf"@?{re.escape(NAME)}[,:]?(?:\s+|$)", re.IGNORECASE)
# Phones begin a line with a capital letter. A bare `rag` may be a project's key.
_SLASH: Final = re.compile(r"/(?:rag(?:\s|$))?|rag\s", re.IGNORECASE)


class Talk:
    """Hears messages. They are acknowledged before, and each is heard once."""

    def __init__(
        self,
        desk: Desk,
        work: Work,
        door: Door,
        voices: Voices[Words],
        replies: Replies,
        presence: Presence,
        surface: Surface,
        around: Around,
    ) -> None:
        self._desk = desk
        self._work = work
        self._door = door
        self._voices = voices
        self._replies = replies
        self._presence = presence
        self._surface = surface
        self._around = around
        self._seen = Seen()

    def message(self, origin: Origin, activity: Json) -> None:
        """One message; of those in a channel only what is meant for us."""
        mine = text(part(activity, "from"), "id") == text(part(activity, "recipient"), "id")
        number = text(activity, "id")
        if mine or (number and not self._seen.first((origin.conversation, number))):
            return
        click = inbound.click_of(activity.get("value"), origin)
        if click is not None:
            self._begin("click", origin, click.action, self._pressed(origin, click))
        elif text(activity, "text") and (origin.personal or inbound.mentions_us(activity)):
            self._begin("command", origin, "", self._command(origin, inbound.command_of(activity, origin)))

    async def greet(self, origin: Origin) -> None:
        """Say what we are for to somebody, or in a chat of several people, who have just added us."""
        if await self.refused(origin):
            return
        if not origin.personal:
            await self._replies.announce(origin, (await self._voices.of(origin.actor)).group_hello)
        else:
            hello = Command(origin.actor, _HELLO, direct=True)
            await self._replies.perform(origin, await self._work.call(self._desk.command, hello))

    async def refused(self, origin: Origin) -> bool:
        """Whether somebody is not let in; they are told."""
        welcome = await self._door.receives(origin)
        if welcome is Welcome.YES:
            return False
        words = await self._voices.of(origin.actor)
        await self._replies.refuse(origin, words.members_only if welcome is Welcome.STRANGER else words.other_tenant)
        return True

    async def told(self, origin: Origin, doing: str, work: Awaitable[None]) -> None:
        """Do something; whatever it raises is logged and told to the person."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the outermost boundary: nothing above would hear of it
            ref = report_failure(doing, error)
            try:
                await self._replies.tell(origin, sentence(self._voices.at_hand(origin.actor).failed.format(ref=ref)))
            except Exception as second:  # noqa: BLE001 - telling is all that could still be done
                report_failure("telling about it", second)

    def _begin(self, kind: str, origin: Origin, what: str, work: Awaitable[None]) -> None:
        doing = self.told(origin, f"{kind} {what}".strip(), work)
        self._work.spawn(heard(kind, origin.actor.user_id, what, doing, around=self._around))

    async def _command(self, origin: Origin, command: Command) -> None:
        if self._door.ours(origin.tenant, origin.actor.workspace):
            # Before anything is looked up or answered: both may need to know where.
            await self._presence.seen(origin)
        line = self._surface.line_of(_bare(command.text))
        if await self.refused(origin):
            return
        if self._surface.asks_home(line):
            reply = await self._work.call(self._desk.home, origin.actor)
        else:
            reply = await self._work.call(self._desk.command, replace(command, text=line))
        await self._replies.perform(origin, reply, Asked(LINE, line))

    async def _pressed(self, origin: Origin, click: Click) -> None:
        if not await self.refused(origin):
            reply = await self._work.call(self._desk.click, click)
            await self._replies.perform(origin, reply, Asked(click.action, click.value))


def _bare(line: str) -> str:
    """Without what it is called by: our name, and the slash command that people know from elsewhere."""
    for called in (_NAMED, _SLASH):
        if found := called.match(line):
            line = line[found.end() :].strip()
    return line
