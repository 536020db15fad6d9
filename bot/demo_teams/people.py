"""The made-up company as the playground knows it: a tenant, a bot, six people, a team with one channel."""

from __future__ import annotations

import uuid
from typing import Any, Final

from bot.demo_data.company import DemoCompany, DemoPerson

Json = dict[str, Any]
# The playground takes one person whose eyes it shows and five others, and one channel beside General.
VERSION: Final = "0.1.1"
OTHERS: Final = 5
_OURS: Final = uuid.UUID("6f1d9a54-0000-4000-8000-000000000000")
TENANT_ID: Final = str(uuid.uuid5(_OURS, "tenant"))
BOT_ID: Final = str(uuid.uuid5(_OURS, "bot"))
PERSONAL_CHAT: Final = "a:personal-chat"
TEAM: Final = "19:team@thread.tacv2"
CHANNEL: Final = "19:leadership@thread.tacv2"


def account(key: str) -> str:
    """A person's Entra object id, always the same."""
    return str(uuid.uuid5(_OURS, f"person {key}"))


def user_id(key: str) -> str:
    """A person's id as Teams gives it to bots."""
    return f"29:{key}"


def configuration(company: DemoCompany, eyes: str) -> Json:
    """What stands in the playground's file.

    Args:
        eyes: key of the person whom the page shows.

    Raises:
        KeyError: there is nobody of this key.
    """
    me = company.people[eyes]
    others = [key for key in _featured_first(company) if key != eyes][:OTHERS]
    return {
        "version": VERSION,
        "tenantId": TENANT_ID,
        "bot": {"id": f"28:{BOT_ID}", "name": "Rollcall"},
        "currentUser": _user(eyes, me),
        "users": [_user(key, company.people[key]) for key in others],
        "personalChat": {"id": PERSONAL_CHAT},
        "groupChat": {"id": "19:group@unq.gbl.spaces", "name": "Group chat"},
        "team": {
            "id": TEAM,
            "name": company.organisation,
            "aadGroupId": str(uuid.uuid5(_OURS, "team")),
            "channels": [{"id": CHANNEL, "name": "leadership"}],
        },
    }


def _featured_first(company: DemoCompany) -> list[str]:
    return sorted(company.people, key=lambda key: not company.people[key].featured)


def _user(key: str, person: DemoPerson) -> Json:
    given, _, family = person.name.partition(" ")
    return {
        "id": user_id(key),
        "name": person.name,
        # Spelt so by the playground.
        "userPrincipleName": person.email,
        "aadObjectId": account(key),
        "givenName": given,
        "surname": family,
        "email": person.email,
    }
