"""One try at a delivery: what it sends, where, and for how long nobody else may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from reporting.ledger import NOWHERE, Delivery, MessageRef


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a delivery, taken with a compare-and-swap.

    Attributes:
        delivery: as stored: state `sending`, our fence in `attempt`, all parts, the refs of the parts placed so far.
        target: channel id, `#name` or chat user id.
        thread: where to post, or None.
        over: refs of the message that is edited; empty for a new one.
        over_key: key that the edited message was sent with.
        doubtful: whether the next part may be there already.
        plain: whether the parts use the safest blocks only.
        probe: whether it tries, for all others, if a workspace that refused everything answers again.
        before: the delivery as it was before it was drawn plainer, or None.
        held_at: when it was last said that it is being sent, in seconds of `steady`.
    """

    delivery: Delivery
    target: str
    thread: MessageRef | None = None
    over: tuple[MessageRef, ...] = ()
    over_key: str = ""
    doubtful: bool = False
    plain: bool = False
    probe: bool = False
    before: Delivery | None = None
    held_at: float = 0.0

    @property
    def stored(self) -> Delivery:
        """What the row may say: the parts of one drawing, never places of one beside parts of the other.

        Until every part placed before is written over, a plainer drawing counts as not begun.
        """
        if self.before is not None and len(self.delivery.refs) < len(self.before.refs):
            return self.before
        return self.delivery

    def with_part(self, ref: MessageRef) -> Attempt:
        """With one more part where it belongs."""
        return replace(self, delivery=replace(self.delivery, refs=(*self.delivery.refs, ref)), doubtful=False)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """What the platform is given, one for each post."""
        return self.delivery.parts or []

    def thread_for(self, index: int) -> MessageRef | None:
        """In a channel further parts go into the thread of the first."""
        if self.thread is not None or index == 0 or not threaded(self.delivery):
            return self.thread
        first = self.delivery.refs[0] if self.delivery.refs else NOWHERE
        return None if first == NOWHERE else first


@dataclass(frozen=True, slots=True)
class Holds:
    """Seconds for which nobody else may take a delivery.

    Attributes:
        sending: from when it is taken, and from each part that is placed.
        request: what one request can take with all its time limits; it begins only while so much of `sending` is left.
        doubt: after an attempt that ended in doubt, before it is looked for: it may still be on its way.
    """

    sending: float
    request: float
    doubt: float


def threaded(delivery: Delivery) -> bool:
    """Whether further parts of a delivery make a thread below its first."""
    return delivery.target.startswith("channel:") and delivery.thread_of is None
