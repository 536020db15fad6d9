"""Everything that people do in Teams.

Rules of this module: a message or event is answered at once and done afterwards, an invoke is answered in time whatever
happens; a form is saved first and answered then. Nothing is raised out of it.
"""

import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final

from starlette.routing import Route

from handlers.introductions import Introductions
from handlers.ports import Accounts, Acknowledged, ChannelNews, Current, Desk
from handlers.teams import inbound
from handlers.teams.book import Book
from handlers.teams.cards import Cards, shown
from handlers.teams.data import ours
from handlers.teams.dialogs import Dialogs
from handlers.teams.door import Door
from handlers.teams.drawing import Drawing
from handlers.teams.files import Files
from handlers.teams.gate import Gate, TeamsDoor
from handlers.teams.inbound import Json, Origin, part, text
from handlers.teams.installation import Installation, Presence
from handlers.teams.render.refresh import REFRESH
from handlers.teams.replies import Replies
from handlers.teams.route import Receiver
from handlers.teams.sdk import Sdk
from handlers.teams.sender import TeamsMessenger
from handlers.teams.surface import Surface
from handlers.teams.talk import Talk
from handlers.telling import Around, heard, interaction, log, logged, nothing_around, report_failure
from handlers.text import one_line
from handlers.voices import Locales, Voices
from handlers.work import Work
from reporting.interactions import Click

Answer = dict[str, Any]
# Teams docs: five seconds for message extensions, after which the client repeats the request; fewer than three is safe.
BUDGET: Final = 2.5


class TeamsAdapter:
    """One tenant's inbound side. Give `routes` to the web server after `start`.

    Args:
        door: who may come in.
        desk: the rules; called in worker threads.
        messenger: the outbound side.
        accounts: Entra object ids by person id; called in a worker thread.
        key: a secret of the installation that seals open forms; the same after a restart and in every process.
        current: what was posted, as it should read now, for clients that renew cards by themselves.
        names: names by person id, for people chosen in forms; called in a worker thread.
        opens: actions that open a form.
        locales: in which language to speak to somebody; without it in the installation's.
        channel_news: told when a channel was lost, renamed or is back.
        acknowledged: told how long each answer took.
        around: what else is to be done around everything that people do, such as a span of a trace.
        budget: seconds that an answer may take before the person is told that it takes longer.
        threads: how many rules may run at once.
        monotonic: seconds, by which it is known how long ago somebody was looked at.
    """

    def __init__(
        self,
        door: TeamsDoor,
        desk: Desk,
        messenger: TeamsMessenger,
        book: Book,
        accounts: Accounts,
        *,
        key: bytes,
        current: Current | None = None,
        names: Accounts | None = None,
        opens: Collection[str] = frozenset(),
        surface: Surface | None = None,
        locales: Locales | None = None,
        channel_news: ChannelNews | None = None,
        acknowledged: Acknowledged | None = None,
        around: Around = nothing_around,
        budget: float = BUDGET,
        threads: int = 8,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.work = Work(threads)
        self.surface = surface or Surface()
        self._tenant = door.tenant
        self._acknowledged = acknowledged
        self._around = around
        self._voices = Voices(self.work, messenger.wording, locales)
        self._presence = Presence(book, self.work, desk)
        self._door = Door(
            desk, messenger, self.work, self._voices, self._presence, door.unverified, monotonic
        )  # fmt: skip
        drawing = Drawing(self.work, self._voices, messenger, accounts, names, key, frozenset(opens))
        self.replies = Replies(messenger, self.work, self._voices, drawing)
        shared = (desk, self.work, self._door, self._voices, drawing, self.replies, budget)
        introductions = Introductions(desk, self.work, messenger.profile, budget / 2)
        self._dialogs, self._cards = Dialogs(*shared, introductions), Cards(*shared, current)
        self._talk = Talk(
            desk, self.work, self._door, self._voices, self.replies, self._presence, self.surface, around
        )  # fmt: skip
        self._installation = Installation(self._presence, channel_news, self._talk.greet, messenger.connector.channels)
        self._files = Files(desk, self.work, messenger, drawing)
        self._sdk = Sdk(door.client_id, door.tenant, self.hear)
        self._receiver = Receiver(door, Gate(door), self._sdk)

    # -- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Needed before the first request; any number of times."""
        await self._sdk.start()

    def routes(self) -> list[Route]:
        """For a Starlette application."""
        return [self._receiver.route()]

    async def settled(self) -> None:
        """Return when nothing is under way."""
        await self.work.settled()

    async def close(self, seconds: float = 10.0) -> None:
        """Let what is under way end. Close the web server first and the outbound side after."""
        await self.work.close(seconds)

    # -- what comes in ------------------------------------------------------------------------------------------

    async def hear(self, activity: Answer) -> Answer | None:
        """One activity, and the answer to it if it is an invoke. Never raises."""
        begun = time.perf_counter()
        kind = inbound.kind_of(activity)
        try:
            return await self._heard(kind, activity)
        except Exception as error:  # noqa: BLE001 - the outermost boundary: nothing above would hear of it
            report_failure("hearing an activity", error)
            return None
        finally:
            if self._acknowledged is not None:
                self._acknowledged(kind, time.perf_counter() - begun)
            if text(activity, "type") == "invoke":
                self._keep(self._origin(activity))

    async def _heard(self, kind: str, activity: Json) -> Answer | None:
        name, value = text(activity, "name"), part(activity, "value")
        match kind:
            case "message":
                self._talk.message(self._origin(activity), activity)
            case "event":
                self._event(activity)
            case "click":
                return await self._click(activity, value)
            case "dialog":
                origin = self._origin(activity)
                return await self._dialog(origin, inbound.click_of(value.get("data"), origin))
            case "shortcut":
                origin = self._origin(activity)
                action = self.surface.action_of(text(value, "commandId"))
                return await self._dialog(origin, Click(action, "", origin.actor, "home") if action else None)
            case "submission":
                return await self._submission(activity, value)
            case "file":
                self._file(activity, value)
            case _:
                log.info("an activity is not for us: %.60s %.60s", one_line(text(activity, "type")), one_line(name))
        return None

    def _origin(self, activity: Json) -> Origin:
        return inbound.origin_of(activity, self._tenant)

    def _keep(self, origin: Origin) -> None:
        """The address book hears of somebody who asked once they are answered, so that it holds up no answer."""
        if self._door.ours(origin.tenant, self._tenant):
            self.work.spawn(logged("keeping an address", self._presence.seen(origin)))

    def _start(self, kind: str, origin: Origin, what: str, work: Awaitable[None]) -> None:
        self.work.spawn(heard(kind, origin.actor.user_id, what, work, around=self._around))

    # -- invokes ------------------------------------------------------------------------------------------------

    async def _click(self, activity: Json, value: Json) -> Answer:
        origin = self._origin(activity)
        click = inbound.click_of(part(value, "action").get("data"), origin)
        renews = click is not None and click.action == REFRESH
        if renews or text(value, "trigger") == "automatic":
            # A client asks by itself how things stand; nothing was pressed.
            ours = renews and self._door.ours(origin.tenant, self._tenant)
            return await self._cards.renewed(click) if click is not None and ours else shown("")
        what = click.action if click else ""
        with interaction("click", origin.actor.user_id, what, around=self._around) as doing:
            return await self._cards.pressed(origin, click, doing)

    async def _dialog(self, origin: Origin, click: Click | None) -> Answer:
        what = click.action if click else ""
        with interaction("click", origin.actor.user_id, what, around=self._around) as doing:
            return await self._dialogs.opened(origin, click, doing)

    async def _submission(self, activity: Json, value: Json) -> Answer | None:
        origin = self._origin(activity)
        data = value.get("data")
        with interaction("submission", origin.actor.user_id, str(ours(data).get("kind", ""))[:20],
                         around=self._around) as doing:  # fmt: skip
            return await self._dialogs.sent(origin, data, doing)

    # -- events -------------------------------------------------------------------------------------------------

    def _event(self, activity: Json) -> None:
        origin = self._origin(activity)
        if not self._door.ours(origin.tenant, self._tenant):
            log.warning("an event of another tenant is ignored")
            return
        kind = text(activity, "type")
        change = self._installation.installed if kind == "installationUpdate" else self._installation.changed
        self._start("event", origin, kind, change(origin, activity))

    def _file(self, activity: Json, value: Json) -> None:
        origin = self._origin(activity)
        self._start("file", origin, "", self._talk.told(origin, "sending a file", self._answered(origin, value)))

    async def _answered(self, origin: Origin, value: Json) -> None:
        if not await self._talk.refused(origin):
            await self._files.answered(origin, value, await self._voices.of(origin.actor))
