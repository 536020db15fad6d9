"""The app package is valid against Microsoft's own schema, and names exactly what is registered."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from handlers.desk import OPENS
from handlers.teams.manifest import MANIFEST_VERSION, BadPackage, Publisher, manifest, package
from handlers.teams.surface import ACTIONS, COMMANDS, HOME, PATH, ActionCommand, MenuCommand, Surface
from reporting.grammar import parse
from reporting.query import Query, Verb
from tests.handlers.teams.drawing import fetched

SCHEMAS = "@microsoft/app-manifest@1.1.2"
NEWEST = "1.30"
APP = "11111111-2222-4333-8444-555555555555"
US = Publisher("Example", "https://help.example.com/rollcall")


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = fetched(tmp_path_factory.mktemp("npm"), SCHEMAS, "THE TEAMS MANIFEST WAS NOT CHECKED")
    return home / "build" / "json-schemas" / "teams"


def faults(schemas: Path, made: dict[str, Any], version: str) -> list[str]:
    schema = json.loads((schemas / f"v{version}" / "MicrosoftTeams.schema.json").read_text("utf-8-sig"))
    return [error.message for error in Draft4Validator(schema).iter_errors({**made, "manifestVersion": version})]


@pytest.mark.parametrize("version", [MANIFEST_VERSION, "1.12", NEWEST])
def test_the_manifest_is_valid(schemas: Path, version: str) -> None:
    assert faults(schemas, manifest(APP, US), version) == []
    assert faults(schemas, {**manifest(APP, US), "bots": [{"botId": "no id", "scopes": ["personal"]}]}, version)


def test_every_text_is_within_the_limits_that_the_schema_does_not_know() -> None:
    made = manifest(APP, US)
    assert made["manifestVersion"] == MANIFEST_VERSION
    assert f"/v{MANIFEST_VERSION}/" in made["$schema"]
    # Teams docs: at most ten commands in a menu; later schemas take twelve.
    assert all(len(menu["commands"]) <= 10 for menu in made["bots"][0]["commandLists"])
    assert [menu["scopes"] for menu in made["bots"][0]["commandLists"]] == [["personal"], ["team"], ["groupChat"]]
    assert made["bots"][0]["scopes"] == ["personal", "team", "groupChat"]
    assert made["defaultGroupCapability"] == {"team": "bot", "groupchat": "bot"}
    assert "'" not in made["description"]["full"]


def test_what_is_registered_is_what_is_packed() -> None:
    surface = Surface(
        name="Roll",
        scopes=("personal",),
        commands=(MenuCommand("one", "First"), MenuCommand("two", "Second", ("team",))),
        actions=(ActionCommand("x", "X", "Does x", "x.do", ("message",)),),
    )
    made = manifest(APP, US, surface=surface)
    assert made["name"]["short"] == "Roll"
    assert made["bots"][0]["commandLists"] == [
        {"scopes": ["personal"], "commands": [{"title": "one", "description": "First"}]}
    ]
    assert made["composeExtensions"][0]["commands"][0]["id"] == "x"
    assert made["composeExtensions"][0]["commands"][0]["context"] == ["message"]
    assert (surface.action_of("x"), surface.action_of("other")) == ("x.do", "")


def test_every_entry_of_a_menu_is_understood() -> None:
    surface = Surface()
    assert surface.line_of(" Overview ") == ""
    assert parse(surface.line_of("overview")) == Query()
    assert surface.asks_home(" Home\n")
    assert not surface.asks_home("home ATLAS")
    for command in COMMANDS:
        line = surface.line_of(command.title)
        query = parse(line)
        assert isinstance(query, Query), command.title
        # None is taken for a project's name.
        assert command.title == HOME or query.verb is not Verb.PROJECT
    assert surface.line_of("history ATLAS") == "history ATLAS"
    assert {action.action for action in ACTIONS} <= OPENS
    assert PATH == "/api/messages"


def test_the_package_holds_the_manifest_and_two_icons_and_is_the_same_each_time() -> None:
    packed = package(APP, US, "1.0.2")
    assert packed == package(APP, US, "1.0.2")
    with zipfile.ZipFile(io.BytesIO(packed)) as zipped:
        made = json.loads(zipped.read("manifest.json"))
        assert sorted(zipped.namelist()) == sorted(["manifest.json", *made["icons"].values()])
        colour, outline = (pixels(zipped.read(made["icons"][kind])) for kind in ("color", "outline"))
    assert made["version"] == "1.0.2"
    assert {made["id"], made["bots"][0]["botId"], made["webApplicationInfo"]["id"]} == {APP}
    assert (len(colour), len(outline)) == (192, 32)
    # The colour icon is opaque, the outline icon white on nothing (Teams docs: app icons).
    assert {pixel[3] for row in colour for pixel in row} == {255}
    assert colour[0][0][:3] == bytes.fromhex(made["accentColor"][1:])
    assert {pixel[:3] for row in outline for pixel in row} == {b"\xff\xff\xff"}
    opacities = {pixel[3] for row in outline for pixel in row}
    assert {0, 255} <= opacities


def test_addresses_are_the_publishers_own() -> None:
    own = Publisher("Example", "https://a.example.com", "https://b.example.com", "https://c.example.com")
    made = manifest(APP, own)["developer"]
    assert [made[key] for key in ("websiteUrl", "privacyUrl", "termsOfUseUrl")] == [own.website, own.privacy, own.terms]
    assert manifest(APP.upper(), US)["id"] == APP


@pytest.mark.parametrize(
    ("client_id", "publisher", "version", "what"),
    [
        ("rollcall", US, "1.0.0", "client_id"),
        (APP, Publisher("", US.website), "1.0.0", "name"),
        (APP, Publisher("x" * 33, US.website), "1.0.0", "name"),
        (APP, Publisher("Example", "http://example.com"), "1.0.0", "website"),
        (APP, Publisher("Example", "https://["), "1.0.0", "website"),
        (APP, Publisher("Example", US.website, privacy="example.com"), "1.0.0", "privacy"),
        (APP, Publisher("Example", US.website, terms="https://exa mple.com"), "1.0.0", "terms"),
        (APP, US, "1.0", "version"),
        (APP, US, "1.0.01", "version"),
    ],
)
def test_what_teams_would_refuse_is_not_packed(client_id: str, publisher: Publisher, version: str, what: str) -> None:
    with pytest.raises(BadPackage) as caught:
        package(client_id, publisher, version)
    assert caught.value.what == what


def pixels(png: bytes) -> list[list[bytes]]:
    """The rows of a PNG with eight bits of red, green, blue and opacity, and no filters; checks every sum."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, side = 8, b"", 0
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + content) == struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0]
        if kind == b"IHDR":
            side, height, *rest = struct.unpack(">IIBBBBB", content)
            assert (side, *rest) == (height, 8, 6, 0, 0, 0)
        data += content if kind == b"IDAT" else b""
        at += size + 12
    raw, stride = zlib.decompress(data), 1 + 4 * side
    assert len(raw) == side * stride
    assert {raw[row * stride] for row in range(side)} == {0}
    starts = [row * stride + 1 for row in range(side)]
    return [[raw[start + 4 * x : start + 4 * x + 4] for x in range(side)] for start in starts]
