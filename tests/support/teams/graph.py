"""The few calls of Graph that a bot needs to reach somebody who never opened it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from tests.support.teams.connector import Answer, Refused
from tests.support.teams.login import APP_ID
from tests.support.teams.world import FakePerson, World

Json = dict[str, Any]
CATALOG_ID: Final = "ca7a1060-0000-4000-8000-000000000001"


class Graph:
    """Users, the organisation's catalog, and installations.

    Attributes:
        published: whether the app is in the catalog.
        permitted: permissions that the administrator has consented to.
        when_installed: what happens between an installation and its answer.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.published = True
        self.manifest_id = APP_ID
        self.when_installed: Callable[[], Awaitable[None]] | None = None
        self.permitted = {"User.Read.All", "TeamsAppInstallation.ReadWriteSelfForUser.All", "AppCatalog.Read.All"}

    async def call(self, request: web.Request, body: Any) -> Answer:
        """Any call."""
        path, query = unquote(request.match_info["path"]), request.query
        match request.method, path.split("/"):
            case "GET", ["users"]:
                return self._by_mail(query["$filter"]) if "$filter" in query else self._first(int(query["$top"]))
            case "GET", ["users", user]:
                return 200, self._user(self._somebody(user))
            case "GET", ["appCatalogs", "teamsApps"]:
                return self._catalog(query.get("$filter", ""))
            case "POST", ["users", user, "teamwork", "installedApps"]:
                answer = self._install(self._somebody(user), body)
                if self.when_installed is not None:
                    await self.when_installed()
                return answer
            case "GET", ["users", user, "teamwork", "installedApps"]:
                return self._installed(self._somebody(user), query)
            case "GET", ["users", user, "teamwork", "installedApps", installation, "chat"]:
                return self._chat(self._somebody(user), installation)
            case _:
                raise Refused(400, "BadRequest", f"Resource not found for the segment: {request.method} {path}")

    def _by_mail(self, condition: str) -> Answer:
        self._needs("User.Read.All")
        found = re.fullmatch(r"(?:mail eq '(.*)' or userPrincipalName eq '\1')", condition)
        if found is None:
            raise Refused(400, "BadRequest", "Invalid filter clause")
        mail = found[1].replace("''", "'").lower()
        return 200, {"value": [self._user(p) for p in self._world.people if mail in (p.mail.lower(), p.upn.lower())]}

    def _first(self, most: int) -> Answer:
        self._needs("User.Read.All")
        return 200, {"value": [self._user(person) for person in self._world.people[:most]]}

    def _user(self, person: FakePerson) -> Json:
        self._needs("User.Read.All")
        return {
            "id": person.aad, "displayName": person.name, "mail": person.mail, "userPrincipalName": person.upn,
            "accountEnabled": person.active, "userType": "Guest" if person.guest else "Member",
        }  # fmt: skip

    def _catalog(self, condition: str) -> Answer:
        self._needs("AppCatalog.Read.All")
        listed = self.published and condition == f"externalId eq '{self.manifest_id}'"
        return 200, {"value": [{"id": CATALOG_ID, "externalId": self.manifest_id}] if listed else []}

    def _install(self, person: FakePerson, body: Any) -> Answer:
        self._needs("TeamsAppInstallation.ReadWriteSelfForUser.All")
        if not str(body.get("teamsApp@odata.bind", "")).endswith(f"/appCatalogs/teamsApps/{CATALOG_ID}"):
            raise Refused(404, "NotFound", "App not found in the catalog.")
        if person.installed:
            raise Refused(409, "Conflict", "App entitlement is already installed for the user.")
        self._world.install(person)
        return 201, None

    def _installed(self, person: FakePerson, query: Any) -> Answer:
        self._needs("TeamsAppInstallation.ReadWriteSelfForUser.All")
        wanted = query.get("$filter") == f"teamsApp/externalId eq '{self.manifest_id}'"
        if not wanted or query.get("$expand") != "teamsApp":
            raise Refused(400, "BadRequest", "Filter by externalId needs the app expanded.")
        return 200, {"value": [{"id": f"inst-{person.aad}"}] if person.installed else []}

    def _chat(self, person: FakePerson, installation: str) -> Answer:
        if installation != f"inst-{person.aad}" or not person.installed:
            raise Refused(404, "NotFound", "No such installation.")
        return 200, {"id": self._world.chat(person).id, "chatType": "oneOnOne"}

    def _somebody(self, user: str) -> FakePerson:
        person = self._world.by_id(user)
        if person is None:
            raise Refused(404, "Request_ResourceNotFound", "The user does not exist.")
        return person

    def _needs(self, permission: str) -> None:
        if permission not in self.permitted:
            raise Refused(403, "Authorization_RequestDenied", f"Insufficient privileges: {permission}")
