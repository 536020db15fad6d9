"""Real messages and forms of one week: what Ana, Carl and the PMO see."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from handlers.desk import OPENS
from handlers.teams.forms import Recipient, draw_form
from handlers.teams.render import Account, render, render_home
from handlers.teams.words import Words
from reporting.interactions import Form, ShowHome
from reporting.messages import Message
from reporting.model import Identity
from tests.handlers.teams.kit import KEY, WORDS, Json, cards
from tests.reporting.asking import NEWEST, ask, returns, risk
from tests.support.world import World, form_of


class Week:
    """A world, and everything of it drawn for Teams."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        for name in ("ana", "ben", "carl", "anna"):
            self.world.person(name)
        for key, lead in (("ATLAS", "ana"), ("BEAM", "ana"), ("CORE", "ben"), ("DELTA", "ben")):
            self.world.project(key, lead, sponsor="carl")
        self.world.start()
        for key, letters in (("ATLAS", "GGGG"), ("BEAM", "GAA"), ("CORE", "RRG"), ("DELTA", "GG-")):
            returns(self.world, key, letters, newest=NEWEST - timedelta(weeks=1))
        self.world.go("2026-11-23", "09:00")
        risk(self.world, "ATLAS", "Helium may run out before the test <b>in May</b>", 4, 4, owner="Ana")
        people = self.world.people.values()
        self.accounts = {p.id: Account(f"00000000-0000-4000-8000-{p.id:012}", p.name) for p in people}

    def drawn(self, message: Message | None, threaded: bool = False) -> list[Json]:
        """A message as cards."""
        assert message is not None
        return cards(render(message, self.accounts, WORDS, OPENS, threaded=threaded))

    def told(self, prefix: str, threaded: bool = False) -> list[Json]:
        """The first delivery under a prefix of keys."""
        return self.drawn(self.world.message(self.world.deliveries(prefix)[0].key), threaded)

    def form(self) -> Form:
        """Ana's form for ATLAS."""
        return self.world.open_report("ana", "ATLAS")

    def wanted(self) -> Form:
        """The same after she chose red and asked what else is wanted."""
        return form_of(self.world.desk.typing(self.world.submission("ana", self.form(), rag="red")))

    def dialog(self, form: Form, **more: Any) -> Json:
        """A form as Ana's dialog."""
        person = self.world.people["ana"]
        to = Recipient(Identity("teams", "t", self.accounts[person.id].id), KEY, self.accounts, Words())
        content: Json = draw_form(form, to, "once", **more)["card"]["content"]
        return content

    def answer(self, name: str, line: str) -> list[Json]:
        """What somebody is told."""
        return self.drawn(ask(self.world, name, line))

    def home(self, name: str) -> list[Json]:
        """Somebody's home."""
        (effect,) = self.world.desk.home(self.world.identity(name))
        assert isinstance(effect, ShowHome)
        return cards(render_home(effect.home, self.accounts, WORDS, OPENS))
