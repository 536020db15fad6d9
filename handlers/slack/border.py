"""Where a payload comes from: only our own workspace's, or our organisation's, get any further.

The app may have been installed elsewhere too; what is kept here is this installation's only. Whoever did something
there is told so in private where Slack has a place for it, and nothing else happens.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from handlers.slack.api import LOG
from handlers.slack.forms import first_input
from handlers.slack.sender import Self, SlackMessenger
from handlers.telling import logged
from handlers.work import Work

log = logging.getLogger(LOG)
Json = Mapping[str, Any]


def foreign(me: Self, enterprise_id: str | None, team_id: str | None) -> bool:
    """Whether an installation is not ours: all workspaces of our own organisation are, and what names none at all."""
    if me.enterprise is not None and enterprise_id:
        return enterprise_id != me.enterprise
    return bool(team_id) and team_id not in (me.workspace, me.enterprise)


class Border:
    """Looks at every payload before anything else does."""

    def __init__(self, messenger: SlackMessenger, work: Work) -> None:
        self._messenger = messenger
        self._work = work

    async def pass_or_turn_away(
        self, body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Let it pass, or answer it here."""
        me = await self._messenger.start()
        if not foreign(me, context.enterprise_id, context.team_id):
            return await next_()
        kind = str(
            (body.get("event") or {}).get("type") or body.get("type") or ("command" if "command" in body else "")
        )
        log.warning("a %s of another workspace was refused: %s", kind, context.team_id or context.enterprise_id)
        return BoltResponse(status=200, body=self._answer(body))

    def _answer(self, body: Json) -> str | dict[str, Any]:
        """The acknowledgement, with a sentence for the person where it can carry one. They are nobody we know, so it
        is in the installation's language.
        """
        words = self._messenger.wording(None).elsewhere
        if "command" in body:
            return {"response_type": "ephemeral", "text": words}
        match body.get("type"):
            case "view_submission":
                block = first_input(body.get("view") or {})
                return {"response_action": "errors", "errors": {block: words}} if block else ""
            case "block_suggestion":
                return {"options": []}
            case _:
                url = str(body.get("response_url") or "")
                if url:
                    self._work.spawn(logged("telling a stranger", self._messenger.respond(url, {"text": words})))
                return ""
