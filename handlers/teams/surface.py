"""What the app shows to Teams: scopes, commands, the message extension. Registration and manifest are made of this.

A command menu only writes its title into the compose box; what arrives is an ordinary message. So every title is a line
that may be typed as well, and `line_of` says what it asks for.
"""

from dataclasses import dataclass
from typing import Final, Literal

# As the manifest writes them.
Scope = Literal["personal", "team", "groupChat"]
# What people write to after the at sign; also the app's name in Teams.
NAME: Final = "Rollcall"
# Where Teams posts activities to; the messaging endpoint of the bot registration ends so.
PATH: Final = "/api/messages"
# Asks the adapter itself for the person's home as a card; every other line is the desk's.
HOME: Final = "home"


@dataclass(frozen=True, slots=True)
class MenuCommand:
    """An entry of a command menu.

    Attributes:
        title: what the menu writes into the compose box.
        line: what it asks for, in the grammar of `/rag`; the title itself where None.
    """

    title: str
    description: str
    scopes: tuple[Scope, ...] = ("personal", "team", "groupChat")
    line: str | None = None


@dataclass(frozen=True, slots=True)
class ActionCommand:
    """A command of the message extension that opens a dialog; choosing it is a click on `action`.

    Attributes:
        contexts: where Teams offers it: at the compose box, in the command box on top, at a message.
    """

    id: str
    title: str
    description: str
    action: str
    contexts: tuple[Literal["compose", "commandBox", "message"], ...] = ("compose", "commandBox")


COMMANDS: Final = (
    MenuCommand(HOME, "What you owe, and your projects, on one card", ("personal",)),
    MenuCommand("mine", "Your projects and what you owe"),
    MenuCommand("overview", "The portfolio, worst first", line=""),
    MenuCommand("red", "Red projects; also amber, green, worse, better"),
    MenuCommand("missing", "Who has not reported yet"),
    MenuCommand("risks", "Open risks, highest score first; risks ATLAS for one project"),
    MenuCommand("history", "All periods of a project: history ATLAS"),
    MenuCommand("digest", "The last digest; digest preview shows the next one"),
    MenuCommand("export", "For the PMO: the register with current reports", ("personal",)),
    MenuCommand("trend", "Colours by period", ("team", "groupChat")),
    MenuCommand("help", "Everything that can be asked, and what the colours mean"),
)

ACTIONS: Final = (ActionCommand("report", "Report status", "Open the status report you owe", "report.open"),)


@dataclass(frozen=True, slots=True)
class Surface:
    """One app.

    Attributes:
        files: whether files are offered in the personal chat (Teams docs: send and receive files).
    """

    name: str = NAME
    description: str = "Asks project leads for status and tells leadership what it must know"
    accent: str = "#1F3A5F"
    scopes: tuple[Scope, ...] = ("personal", "team", "groupChat")
    files: bool = True
    commands: tuple[MenuCommand, ...] = COMMANDS
    actions: tuple[ActionCommand, ...] = ACTIONS

    def line_of(self, text: str) -> str:
        """What a typed line asks for: that of a menu's entry of this title, else the line itself."""
        typed = text.strip()
        found = next((c for c in self.commands if c.title == typed.casefold()), None)
        return typed if found is None or found.line is None else found.line

    def asks_home(self, text: str) -> bool:
        """Whether a typed line asks for the home card."""
        return text.strip().casefold() == HOME

    def action_of(self, command_id: str) -> str:
        """What a command of the message extension clicks; empty for one that is not ours."""
        return next((a.action for a in self.actions if a.id == command_id), "")
