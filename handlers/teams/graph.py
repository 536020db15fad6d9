"""The few calls of Microsoft Graph: somebody by mail address, and the app put into the chat of who never opened it."""

from typing import Any, Final
from urllib.parse import quote

from handlers.teams.http import Https
from handlers.teams.people import PLATFORM
from reporting.model import Identity
from reporting.ports import AppFault, Profile, TargetGone

Json = dict[str, Any]
GRAPH_URL: Final = "https://graph.microsoft.com/v1.0"
# Graph docs: get a user, list users; the application permission.
PEOPLE: Final = "User.Read.All"
# Graph docs: list the apps of a catalog; likewise.
CATALOG: Final = "AppCatalog.Read.All"
_USER: Final = "id,displayName,mail,userPrincipalName,accountEnabled,userType"


class Graph:
    """Graph as the app itself, for one tenant. Raises `DeliveryError`s only.

    Application permissions (Graph docs): `User.Read.All` for people, `AppCatalog.Read.All` and
    `TeamsAppInstallation.ReadWriteSelfForUser.All` for installing.

    Args:
        manifest_id: the app's id in its manifest; the catalog's differs.
        installs: whether the app may be installed for people.
    """

    def __init__(
        self, https: Https, tenant: str, manifest_id: str, *, base_url: str = GRAPH_URL, installs: bool = False
    ) -> None:
        self.https = https
        self.installs = installs
        self._tenant = tenant
        self._manifest = manifest_id
        self._base = base_url.rstrip("/")
        self._catalog_id = ""

    async def lookup(self, email: str) -> Profile | None:
        """Somebody by mail address or sign-in name.

        Raises:
            AppFault: the permission is missing.
        """
        wanted = _quoted(email)
        answer = await self._get(
            "users", {"$filter": f"mail eq {wanted} or userPrincipalName eq {wanted}", "$select": _USER}
        )
        users = answer.get("value") or []
        return self._profile(users[0]) if len(users) == 1 else None

    async def profile(self, user_id: str) -> Profile | None:
        """Somebody by Entra object id; None when there is nobody.

        Raises:
            AppFault: the permission is missing.
        """
        try:
            return self._profile(await self._get(f"users/{_part(user_id)}", {"$select": _USER}))
        except TargetGone:
            return None

    async def may_read(self) -> None:
        """Make sure that people can be looked up.

        Raises:
            AppFault: the permission is missing.
        """
        await self._get("users", {"$top": "1", "$select": "id"})

    async def listed(self) -> None:
        """Make sure that the app is in the organisation's catalog.

        Raises:
            AppFault: it is not (`app_not_in_catalog`), or the permission is missing.
        """
        self._catalog_id = ""
        await self._catalog()

    async def install(self, user_id: str) -> str:
        """Put the app into somebody's personal chat; the chat's conversation id. It may be there already.

        Raises:
            TargetGone: there is nobody of this id, or Teams shows no chat with them.
            AppFault: the app is not in the organisation's catalog, or a permission is missing.
        """
        apps = f"users/{_part(user_id)}/teamwork/installedApps"
        bound = {"teamsApp@odata.bind": f"{self._base}/appCatalogs/teamsApps/{await self._catalog()}"}
        try:
            await self.https.call("graph", "POST", f"{self._base}/{apps}", bound)
        except AppFault as error:
            if error.code not in _THERE_ALREADY:
                raise
        except TargetGone:
            # Perhaps not the person but the app: taken out of the catalog and put back, it has another id.
            self._catalog_id = ""
            raise
        query = {"$expand": "teamsApp", "$filter": f"teamsApp/externalId eq {_quoted(self._manifest)}"}
        found = (await self._get(apps, query)).get("value") or []
        if not found:
            raise TargetGone("not_installed", "Teams does not show the app that was just installed")
        chat = await self._get(f"{apps}/{_part(str(found[0]['id']))}/chat")
        return str(chat["id"])

    async def _catalog(self) -> str:
        if not self._catalog_id:
            query = {"$filter": f"externalId eq {_quoted(self._manifest)}"}
            found = (await self._get("appCatalogs/teamsApps", query)).get("value") or []
            if not found:
                raise AppFault("app_not_in_catalog", "upload the app package to the organisation's catalog first")
            self._catalog_id = str(found[0]["id"])
        return self._catalog_id

    async def _get(self, path: str, query: dict[str, str] | None = None) -> Json:
        return await self.https.call("graph", "GET", f"{self._base}/{path}", query=query)

    def _profile(self, user: Json) -> Profile:
        login = user.get("userPrincipalName")
        email = user.get("mail") or login
        return Profile(
            identity=Identity(PLATFORM, self._tenant, str(user["id"])),
            name=str(user.get("displayName") or email or user["id"]),
            email=str(email).lower() if email else None,
            tz=None,
            locale=None,
            active=user.get("accountEnabled") is not False,
            guest=user.get("userType") == "Guest",
            login=str(login).lower() if login else None,
        )


_THERE_ALREADY: Final = frozenset({"Conflict", "http_409"})


def _quoted(text: str) -> str:
    """OData: a text literal, its own quotes doubled."""
    return "'" + text.replace("'", "''") + "'"


def _part(value: str) -> str:
    return quote(value, safe="")
