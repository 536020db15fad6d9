"""Modals and Home tabs of every user, and the trigger ids that open them."""

import copy
import secrets
import time
from dataclasses import dataclass, field

from playground.errors import SlackError
from playground.model import Json, Trigger, View
from playground.workspace import Workspace, fill_ids

MAX_STACK = 3


@dataclass
class ViewStore:
    """Open views. A modal stack belongs to one user; a Home tab too.

    Args:
        trigger_seconds: the life of a trigger id in real seconds (3 at Slack).
    """

    space: Workspace
    trigger_seconds: float = 3.0
    stacks: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    _triggers: dict[str, Trigger] = field(default_factory=dict)

    # -- triggers -------------------------------------------------------------------------------------------------

    def new_trigger(self, user: str, view: str | None = None) -> str:
        """A trigger id for something a user just did, inside a modal or not."""
        name = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[name] = Trigger(name, user, time.monotonic(), view)
        return name

    def redeem(self, name: str) -> Trigger:
        """Use a trigger id up.

        Raises:
            SlackError: it was never given, is too old, or was used before.
        """
        trigger = self._triggers.get(name)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.opened > self.trigger_seconds:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    # -- modals ---------------------------------------------------------------------------------------------------

    def stack(self, user: str) -> list[View]:
        """A user's open modals, bottom to top."""
        return self.stacks.setdefault(user, [])

    def find(self, view_id: str) -> View | None:
        """An open modal or a published Home tab by its id."""
        everything = [*self.homes.values(), *(view for stack in self.stacks.values() for view in stack)]
        return next((view for view in everything if view.id == view_id), None)

    def by_external_id(self, external_id: str) -> View | None:
        """An open view by the id that the app gave it."""
        everything = [*self.homes.values(), *(view for stack in self.stacks.values() for view in stack)]
        return next((view for view in everything if view.external_id == external_id), None)

    def open(self, user: str, body: Json) -> View:
        """Open a new modal in place of whatever the user had open."""
        view = self._make(user, body)
        self.stacks[user] = [view]
        self._tell(user)
        return view

    def push(self, user: str, body: Json) -> View:
        """Put a modal on top of the user's stack.

        Raises:
            SlackError: `push_limit_reached` with three views open.
        """
        stack = self.stack(user)
        if len(stack) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        view = self._make(user, body)
        if stack:
            view.root, view.previous = stack[0].id, stack[-1].id
        stack.append(view)
        self._tell(user)
        return view

    def update(self, view: View, body: Json) -> View:
        """Replace what a view shows; it keeps its id and gets a new hash."""
        self._claim_external_id(body, view)
        view.body = _prepared(body)
        view.external_id = body.get("external_id", "")
        view.hash = self._new_hash()
        self._tell(view.user, "home" if view.is_home else "views")
        return view

    def close(self, view: View, everything: bool = False) -> None:
        """Close a modal, with all that is above it, or the whole stack."""
        stack = self.stack(view.user)
        if view in stack:
            del stack[0 if everything else stack.index(view) :]
            self._tell(view.user)

    def drop(self, user: str) -> None:
        """Forget a user's open modals without telling the app, as when their client has died."""
        self.stacks.pop(user, None)
        self._tell(user)

    # -- Home -----------------------------------------------------------------------------------------------------

    def publish(self, user: str, body: Json) -> View:
        """Show a Home tab to a user; a second time it replaces the first."""
        current = self.homes.get(user)
        if current is not None:
            return self.update(current, body)
        view = self._make(user, body)
        self.homes[user] = view
        self._tell(user, "home")
        return view

    # -- shared ---------------------------------------------------------------------------------------------------

    def check_hash(self, view: View | None, given: str | None) -> None:
        """Refuse a change made on an old state of the view.

        Raises:
            SlackError: `hash_conflict`.
        """
        if given and view is not None and given != view.hash:
            raise SlackError("hash_conflict")

    def wire(self, view: View, state: Json | None = None) -> Json:
        """The view as Slack sends it, with `state` = what the user typed."""
        app = self.space.app
        body = copy.deepcopy(view.body)
        modal = {
            "title": body.get("title"),
            "close": body.get("close"),
            "submit": body.get("submit"),
            "previous_view_id": view.previous,
        }
        return {
            "id": view.id,
            "team_id": self.space.team_id,
            "type": body["type"],
            "blocks": body["blocks"],
            "private_metadata": body.get("private_metadata", ""),
            "callback_id": body.get("callback_id", ""),
            "state": {"values": state or {}},
            "hash": view.hash,
            "clear_on_close": body.get("clear_on_close", False),
            "notify_on_close": body.get("notify_on_close", False),
            "root_view_id": view.root,
            "app_id": app.app_id,
            "external_id": view.external_id,
            "app_installed_team_id": self.space.team_id,
            "bot_id": app.bot_id,
            **({} if view.is_home else modal),
        }

    def _make(self, user: str, body: Json) -> View:
        self._claim_external_id(body, None)
        view_id = self.space.new_id("V")
        return View(view_id, user, _prepared(body), self._new_hash(), view_id, external_id=body.get("external_id", ""))

    def _claim_external_id(self, body: Json, own: View | None) -> None:
        wanted = body.get("external_id")
        if wanted and self.by_external_id(wanted) not in (None, own):
            raise SlackError("duplicate_external_id")

    def _new_hash(self) -> str:
        return f"{int(self.space.clock.epoch())}.{secrets.token_urlsafe(6)}"

    def _tell(self, user: str, kind: str = "views") -> None:
        self.space.tell(kind, {"user": user})


def _prepared(body: Json) -> Json:
    copied = copy.deepcopy(body)
    fill_ids(copied["blocks"])
    return copied
