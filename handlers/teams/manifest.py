"""The app package for Teams, made of the surface that the handlers are registered from, so that it cannot drift."""

import io
import json
import uuid
import zipfile
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from handlers.teams.icons import colour_icon, outline_icon
from handlers.teams.surface import ActionCommand, Scope, Surface

Json = dict[str, Any]
# Teams docs: app manifest; every version since 1.0 is taken. Nothing newer is used here, and some clouds lag behind.
MANIFEST_VERSION: Final = "1.19"
_SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}/MicrosoftTeams.schema.json"
_PUBLISHER_MOST = 32
_LONG = (
    "Rollcall calls the roll of a portfolio every week. It asks every project lead for status and risks through a "
    "form, reminds those who have not answered yet, keeps every answer, and tells leadership what they must know: "
    "a digest in their channel, worst first, and an alert when something needs them now."
)
# A package made twice of the same is the same, byte for byte.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class BadPackage(Exception):
    """Something given for the package is not what Teams takes.

    Attributes:
        what: the name of it, as an attribute of `Publisher` or `client_id`.
    """

    def __init__(self, what: str, why: str) -> None:
        super().__init__(why)
        self.what = what


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who stands behind the app in the organisation's catalogue. Teams asks for all of it.

    Attributes:
        website, privacy, terms: https addresses; privacy and terms are the website's when empty.
    """

    name: str
    website: str
    privacy: str = ""
    terms: str = ""


def package(client_id: str, publisher: Publisher, version: str = "1.0.0", surface: Surface | None = None) -> bytes:
    """The zip that an administrator uploads.

    Args:
        client_id: application (client) id of the bot's registration; the app has the same id.
        version: of the package; Teams takes an update only when it is higher.

    Raises:
        BadPackage: an id, a version or an address that Teams would refuse.
    """
    shown = surface or Surface()
    made = manifest(client_id, publisher, version, shown)
    files = {
        "manifest.json": json.dumps(made, indent=2, ensure_ascii=False).encode(),
        made["icons"]["color"]: colour_icon(shown.accent),
        made["icons"]["outline"]: outline_icon(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(zipfile.ZipInfo(name, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def manifest(client_id: str, publisher: Publisher, version: str = "1.0.0", surface: Surface | None = None) -> Json:
    """The manifest as JSON values; see `package`."""
    shown = surface or Surface()
    app_id = _guid(client_id)
    return {
        "$schema": _SCHEMA,
        "manifestVersion": MANIFEST_VERSION,
        "version": _version(version),
        "id": app_id,
        "developer": _developer(publisher),
        "name": {"short": shown.name, "full": shown.name},
        "description": {"short": shown.description, "full": _LONG},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": shown.accent,
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
        "bots": [_bot(app_id, shown)],
        "composeExtensions": [{"botId": app_id, "commands": [_command(action) for action in shown.actions]}],
        "permissions": ["identity", "messageTeamMembers"],
        # No web page of ours is ever shown inside Teams: dialogs are cards.
        "validDomains": [],
        # Lets the app be installed for people through Graph (Teams docs: proactive installation).
        "webApplicationInfo": {"id": app_id, "resource": f"api://botid-{app_id}"},
    }


def _bot(app_id: str, surface: Surface) -> Json:
    menus = [_menu(scope, surface) for scope in surface.scopes]
    return {
        "botId": app_id,
        "scopes": list(surface.scopes),
        "supportsFiles": surface.files,
        "isNotificationOnly": False,
        "commandLists": [menu for menu in menus if menu["commands"]],
    }


def _menu(scope: Scope, surface: Surface) -> Json:
    listed = [command for command in surface.commands if scope in command.scopes]
    return {"scopes": [scope], "commands": [{"title": c.title, "description": c.description} for c in listed]}


def _command(action: ActionCommand) -> Json:
    return {
        "id": action.id,
        "type": "action",
        "title": action.title,
        "description": action.description,
        "context": list(action.contexts),
        "fetchTask": True,
    }


def _developer(publisher: Publisher) -> Json:
    name = publisher.name.strip()
    if not 1 <= len(name) <= _PUBLISHER_MOST:
        raise BadPackage("name", f"the publisher's name has 1 to {_PUBLISHER_MOST} characters")
    website = _address("website", publisher.website)
    return {
        "name": name,
        "websiteUrl": website,
        "privacyUrl": _address("privacy", publisher.privacy) if publisher.privacy else website,
        "termsOfUseUrl": _address("terms", publisher.terms) if publisher.terms else website,
    }


def _guid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise BadPackage("client_id", "not an application (client) id, which has 32 hexadecimal digits") from error


def _version(text: str) -> str:
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and str(int(part)) == part for part in parts):
        raise BadPackage("version", "three numbers with dots between them, such as 1.0.1")
    return text


def _address(what: str, url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadPackage(what, "not a web address") from error
    if parts.scheme != "https" or not parts.hostname or any(c.isspace() for c in url):
        raise BadPackage(what, "an address that begins with https://")
    return url
