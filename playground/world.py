"""Everything the API methods and the acting people share."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Protocol

from playground.blocks import (
    MAX_MESSAGE_CHARS,
    MAX_VIEW_BYTES,
    Context,
    Surface,
    check_blocks,
    check_view,
    counted_chars,
    view_bytes,
)
from playground.errors import SlackError
from playground.faults import Faults
from playground.limits import RateLimits
from playground.log import Log, Refusal
from playground.model import File, Json
from playground.views import ViewStore
from playground.workspace import Workspace

MAX_ATTACHMENTS = 100


@dataclass(frozen=True)
class Ack:
    """How the app answered one delivery.

    Attributes:
        error: None when acknowledged in time; else Slack's retry reason, such as `http_timeout`.
        body: the JSON or text of the acknowledgement, None when empty.
        took: real seconds.
        no_retry: the app asked not to be retried.
    """

    error: str | None
    body: Any = None
    took: float = 0.0
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged in time."""
        return self.error is None


class Courier(Protocol):
    """Brings payloads to the app."""

    def deliver(self, kind: str, name: str, payload: Json) -> Awaitable[Ack]:
        """Hand over one command or interaction and wait for its acknowledgement."""
        ...

    def event(self, event: Json) -> None:
        """Queue one event, with Slack's retries, if the app subscribed to it."""
        ...


@dataclass
class World:
    """One running workspace. `base_url` has no slash at its end."""

    space: Workspace
    limits: RateLimits
    faults: Faults
    views: ViewStore
    new_blocks: bool = True
    ack_seconds: float = 3.0
    file_seconds: float = 0.2
    base_url: str = ""
    log: Log = field(default_factory=Log)
    refusals: list[Refusal] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    courier: Courier = field(init=False)

    def context(self, surface: Surface) -> Context:
        """A fresh validation context for this workspace."""
        return Context(surface, self.new_blocks, self.file_ready, self.space.app.scopes)

    def file_ready(self, reference: Json) -> bool:
        """Whether an image block may show this uploaded file already."""
        for file in self.space.files.values():
            if reference.get("id") == file.id or reference.get("url") == self.file_url(file):
                return self.processed(file)
        return False

    def processed(self, file: File) -> bool:
        """Whether the upload was completed and its processing is over."""
        return file.completed and time.monotonic() >= file.ready_at

    def file_url(self, file: File) -> str:
        """Where the bytes of a file are served."""
        return f"{self.base_url}/files/{file.id}/{file.name}"

    def require_blocks(self, blocks: list[Any], *, total: bool = True) -> None:
        """Refuse blocks that Slack would refuse in a message.

        Args:
            total: also hold the limit on the sum of text, which response_url does not have.

        Raises:
            SlackError: `invalid_blocks` or `msg_blocks_too_long`.
        """
        faults = check_blocks(self.context("message"), blocks)
        if faults:
            raise SlackError("invalid_blocks", faults)
        if total and counted_chars(blocks) > MAX_MESSAGE_CHARS:
            raise SlackError("msg_blocks_too_long")

    def require_attachments(self, attachments: Any, *, total: bool = True) -> list[Json]:
        """Refuse legacy attachments that Slack would refuse, and return them.

        Raises:
            SlackError: `invalid_attachments`, `too_many_attachments` or a refusal of the blocks in them.
        """
        if not isinstance(attachments, list) or not all(isinstance(entry, dict) for entry in attachments):
            raise SlackError("invalid_attachments")
        if len(attachments) > MAX_ATTACHMENTS:
            raise SlackError("too_many_attachments")
        for entry in attachments:
            self.require_blocks(entry.get("blocks", []), total=total)
        return attachments

    def require_view(self, view: Any, kind: str) -> None:
        """Refuse a view that Slack would refuse.

        Raises:
            SlackError: `invalid_arguments` or `view_too_large`.
        """
        if view_bytes(view) > MAX_VIEW_BYTES:
            raise SlackError("view_too_large")
        surface: Surface = "home" if kind == "home" else "modal"
        faults = check_view(self.context(surface), view)
        if isinstance(view, dict) and view.get("type") in {"modal", "home"} and view["type"] != kind:
            faults = [*faults, f"expected a view of type {kind} [json-pointer:/view/type]"]
        if faults:
            raise SlackError("invalid_arguments", ["failed to match all allowed schemas [json-pointer:/view]", *faults])
