"""A stand-in for Microsoft Teams over real HTTP, as strict as Teams is known to be: connector, login, OpenID, Graph.

    async with FakeTeams() as teams:
        ana = teams.world.person("Ana Ruiz")                    # has the app in her personal chat
        bo = teams.world.person("Bo Li", installed=False)       # Graph can install it, or a team that he is in
        team = teams.world.team("Research", members=[ana, bo])  # team.general, team.channel("Leads")
        chat = teams.world.group([ana, bo])                     # a chat of several people

What a client under test is given:
    teams.login_url     + TENANT, APP_ID, SECRET: tokens for the connector and for Graph (also by certificate:
                        `teams.login.trust(pem)`)
    teams.service_url   the connector (`teams.move("amer")` changes it: the old one answers 404 from then on)
    teams.graph_url     users, catalog, installs
    teams.openid_url    where a bot finds the keys of inbound tokens

What came of it: `ana.messages()`, `team.general.messages()`, `teams.world.at(conversation_id).messages()` are lists of
`Posted` (id, activity, root of its thread, edits; `card`, `summary`). `teams.calls` has every call, `teams.refusals`
those that were refused: a test that expects none asserts `teams.refusals == []`.

What can go wrong: `teams.faults.add("send", "drop_after")` and its kin (see `faults.py`); `ana.blocked = True` answers
403 MessageWritesBlocked; `teams.world.uninstall(ana)`; `teams.login.revoke()` makes every token given so far be
refused, `teams.login.closed = True` all secrets too. Rates are those of the reference, per conversation and for the
app; `FakeTeams(rates=False)` switches them off.

Playing a client: `teams.activity(ana, text="status")` is a message as the bot would get it, `teams.invoke(ana,
"task/fetch", {...})` an invoke, and `teams.inbound_headers()` the bearer token; arguments make the token a bad one.
`teams.consent(ana, posted)` presses the button of a file that was offered; what is then put into OneDrive is in
`teams.uploads`. `wired.py` has a messenger with all that it needs, ready to use.
"""

from tests.support.teams.faults import Faults
from tests.support.teams.login import APP_ID, SECRET, TENANT
from tests.support.teams.server import Call, FakeTeams, Refusal
from tests.support.teams.world import FakePerson, FakeTeam, Place, Posted

__all__ = [
    "APP_ID",
    "SECRET",
    "TENANT",
    "Call",
    "FakePerson",
    "FakeTeam",
    "FakeTeams",
    "Faults",
    "Place",
    "Posted",
    "Refusal",
]
