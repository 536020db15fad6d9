"""What a chat adapter needs from the rooms behind it."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from reporting.interactions import Click, Command, Reply, SendFile, Submission
from reporting.messages import Message
from reporting.model import Identity
from reporting.ports import Profile


class Desk(Protocol):
    """Where people's doings go. All methods are synchronous and are called in a worker thread."""

    def command(self, command: Command) -> Reply:
        """A line typed after the slash command, or to the bot."""
        ...

    def click(self, click: Click) -> Reply:
        """A button pressed or a menu used."""
        ...

    def submit(self, submission: Submission) -> Reply:
        """A form sent: commits, then returns; a repeat is recognised by `interaction`."""
        ...

    def typing(self, submission: Submission) -> Reply:
        """A live field of an open form was changed."""
        ...

    def home(self, identity: Identity) -> Reply:
        """Somebody opened their home view."""
        ...

    def meet(self, profile: Profile) -> bool:
        """Somebody is about to do something, for the first time since the start; False when they may not."""
        ...

    def knows(self, identity: Identity) -> bool:
        """Whether somebody has been met before, or stands in the register."""
        ...

    def reached(self, identity: Identity, lost: tuple[str, ...]) -> None:
        """Somebody can be written to here, who could not be until now, or was never seen.

        Args:
            lost: how the errors begin of messages that failed for that reason alone.
        """
        ...

    def handed_over(self, identity: Identity, file: SendFile) -> None:
        """A file that was answered is about to be given to somebody; one that was only offered is not."""
        ...

    def changed(self, profile: Profile) -> None:
        """Somebody's account changed; of no interest unless the person is known. The locale may be missing."""
        ...


# The message that a card's client asks about (where it is, and the value of its button), as it should read now; None
# for one that was not posted there, or is wanted no more. Called in a worker thread.
Current = Callable[[Click], Message | None]
# Chat user ids by person id, for those who have an account; called in a worker thread.
Accounts = Callable[[Collection[int]], Mapping[int, str]]
# Told how long a payload of some kind (command, block_actions, view_submission, ...) took from its arrival until it was
# acknowledged, in seconds.
Acknowledged = Callable[[str, float], None]
# Told once, with the chat system's code, when the app was removed or its token revoked.
Stopped = Callable[[str], None]
# Told that a channel was `lost` (`archived` or `removed`), `renamed` (to what) or is `back`; called in a worker thread.
ChannelNews = Callable[[str, str, str], None]
