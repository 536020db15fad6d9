"""A local stand-in for Microsoft Teams in a process of its own: python -m benchmarks.teams_chat PEOPLE PER_SECOND.

It is the one that the tests use, with the checks of cards left out, which take longer than what is measured. Of all of
an app it takes so many calls in any second, counted as a sliding window, and answers 429 beyond that; 0 for no limit.

Prints one line of JSON, a `Where`; then, for each line on its standard input, one with what it has counted.
"""

import asyncio
import gc
import json
import sys
import time
from dataclasses import asdict
from typing import Any

from benchmarks.teams_world import CHANNELS, Where, account, chat_of
from tests.support.teams import FakeTeams, Place
from tests.support.teams.connector import Connector, Refused
from tests.support.teams.login import inbound_token
from tests.support.teams.rules import Rates, too_big


class Counting(Rates):
    """Limits that remember when a post was taken and when one was refused."""

    def __init__(self, per_second: int) -> None:
        super().__init__(enabled=per_second > 0)
        self.app = ((per_second, 1.0),)
        self.taken: list[float] = []
        self.refused: list[float] = []
        self.urgent: list[float] = []
        self.people: set[str] = set()

    def wait(self, method: str, conversation: str) -> int:
        """As the limits say."""
        wait = super().wait(method, conversation)
        if method == "send":
            (self.refused if wait else self.taken).append(time.time())
            if not wait and conversation.startswith("19:"):
                self.urgent.append(time.time())
            elif not wait:
                self.people.add(conversation)
        return wait

    def counted(self, whole: bool) -> str:
        """One line: how many people have had a post, and on request the instants."""
        found: dict[str, Any] = {"people": len(self.people), "taken": [], "refused": [], "urgent": []}
        if whole:
            found |= {"taken": self.taken, "refused": self.refused, "urgent": self.urgent}
        return json.dumps(found)


class Trusting(Connector):
    """Looks at the size of a message only."""

    def _check(self, body: Any, _place: Place) -> None:
        if too_big(body):
            raise Refused(413, "MessageSizeTooBig", "Message size too large.")


def peopled(teams: FakeTeams, people: int) -> dict[str, str]:
    """So many leads with the app, and the channels; their ids by name."""
    for n in range(people):
        person = teams.world.person(f"Lead Number{n}", f"lead{n}@example.org")
        assert (person.aad, person.chat and person.chat.id) == (account(n).user_id, chat_of(n))
    team = teams.world.team("Portfolio", teams.world.people)
    return {name: team.channel(name.capitalize()).id for name in CHANNELS}


async def serve(people: int, per_second: int) -> None:
    """Serve until the standard input ends."""
    # To look through all that is remembered here for garbage takes a tenth of a second, and whatever comes meanwhile
    # would be counted as if it had come at once.
    gc.disable()
    teams = FakeTeams()
    teams.rates = limits = Counting(per_second)
    teams.connector = Trusting(teams.world)
    channels = peopled(teams, people)
    async with teams:
        token = inbound_token(teams.service_url)
        where = Where(teams.login_url, teams.openid_url, teams.graph_url, teams.service_url, token, channels)
        print(json.dumps(asdict(where)), flush=True)
        while asked := await asyncio.to_thread(sys.stdin.readline):
            # Else a long run would be one of a growing list.
            teams.calls.clear()
            print(limits.counted(whole=asked.strip() == "whole"), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
