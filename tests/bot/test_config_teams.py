"""What is set for Microsoft Teams: alone, beside Slack, and every fault of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ConfigFaults, Settings, load
from bot.config.load import read_file
from bot.config.sketch import channels_of, of_file
from bot.preflight import look
from reporting.model import Role

SHIPPED = Path(__file__).parents[2] / "app.yaml"
ID, TENANT = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-aaaaaaaaaaaa"
TEAMS = {"TEAMS_CLIENT_ID": ID, "TEAMS_TENANT_ID": TENANT, "TEAMS_CLIENT_SECRET": "abc~DEF.1"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}
ROOM = "19:AbC-1_x=@thread.tacv2"
LINK = "https://teams.microsoft.com/l/channel/19%3AAbC-1_x%3D%40thread.tacv2/Leadership?groupId=1&tenantId=2"
PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nx\n"


def app_yaml(folder: Path, **channels: str) -> Path:
    """The shipped file with other channels."""
    text = SHIPPED.read_text()
    for name, channel in channels.items():
        assert f'"#{name}"' in text
        text = text.replace(f'"#{name}"', channel)
    path = folder / "app.yaml"
    path.write_text(text)
    return path


def settings(folder: Path, variables: dict[str, str], **channels: str) -> Settings:
    return load(variables, app_yaml(folder, **channels))


def faults(folder: Path, variables: dict[str, str], **channels: str) -> list[str]:
    with pytest.raises(ConfigFaults) as raised:
        settings(folder, variables, **channels)
    return [str(fault) for fault in raised.value.faults]


ALL = {"leadership": LINK, "alerts": ROOM, "pmo": ROOM}


def test_teams_alone(tmp_path: Path) -> None:
    found = settings(tmp_path, TEAMS, **ALL)
    assert found.slack is None
    assert found.teams is not None
    assert found.teams.secret is not None
    assert (found.teams.client_id, found.teams.tenant_id, found.teams.secret.reveal()) == (ID, TENANT, "abc~DEF.1")
    assert found.teams.service_hosts == ("smba.trafficmanager.net",)
    assert (found.teams.install, found.teams.unverified) == (False, False)
    assert "abc~DEF.1" not in repr(found)
    assert {digest.channel for digest in found.policy.digests} == {ROOM}
    assert found.policy.pmo_channel == ROOM


def test_both_at_once_and_slack_alone(tmp_path: Path) -> None:
    both = settings(tmp_path, SLACK | TEAMS, leadership=LINK)
    assert both.slack is not None
    assert both.teams is not None
    alone = settings(tmp_path, SLACK)
    assert alone.slack is not None
    assert alone.teams is None
    # An address or a mode alone asks for nothing.
    assert settings(tmp_path, TEAMS | {"SLACK_MODE": "http", "SLACK_API_URL": "http://127.0.0.1/"}, **ALL).slack is None
    assert settings(tmp_path, SLACK | {"TEAMS_LOGIN_URL": "http://127.0.0.1/"}).teams is None


def test_neither_is_a_fault_that_says_what_to_set(tmp_path: Path) -> None:
    found = "\n".join(faults(tmp_path, {}))
    assert "SLACK_BOT_TOKEN: is not set" in found
    assert "For Microsoft Teams set TEAMS_CLIENT_ID" in found


def test_a_channel_of_what_is_not_set_up(tmp_path: Path) -> None:
    lines = SHIPPED.read_text().splitlines()
    pmo = next(number for number, line in enumerate(lines, 1) if line.startswith("pmo_channel"))
    found = faults(tmp_path, TEAMS, leadership=LINK, alerts=ROOM)
    assert [fault.partition(" is a channel")[0] for fault in found] == [f'app.yaml:{pmo}: "#pmo"']
    assert "Slack, which is not set up: set SLACK_BOT_TOKEN, or name a channel of Teams" in found[0]
    found = faults(tmp_path, SLACK, leadership=LINK)
    assert found
    assert all("Microsoft Teams, which is not set up: set TEAMS_CLIENT_ID" in fault for fault in found)


def test_a_role_is_given_to_an_account_of_teams_too(tmp_path: Path) -> None:
    path = app_yaml(tmp_path)
    path.write_text(path.read_text().replace("[petra.moss@example.org]", f"[petra.moss@example.org, {ID}]"))
    assert load(SLACK, path).policy.roles[Role.PMO] == ("petra.moss@example.org", ID)


def test_the_check_of_a_file_with_other_faults_finds_them_too(tmp_path: Path) -> None:
    path = app_yaml(tmp_path, leadership=LINK)
    path.write_text(path.read_text().replace("tick: 5s", "tick: soon"))
    sketch = of_file(read_file(path), tmp_path)
    assert {name for name, _ in channels_of(sketch, "teams")} == {ROOM}
    assert {name for name, _ in channels_of(sketch, "slack")} == {"#alerts", "#pmo"}
    data = {"ROLLCALL_CONFIG": str(path), "ROLLCALL_DATA": str(tmp_path)}
    text = "\n".join(str(fault) for fault in look(SLACK | data).faults)
    assert "tick" in text
    assert "Microsoft Teams, which is not set up" in text


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("https://teams.microsoft.com/l/message/19%3Aabc%40thread.tacv2/170000?groupId=1", "is no link to a channel"),
        ("https://teams.microsoft.com/l/chat/19%3Aabc%40thread.v2/0", "is no link to a channel"),
        ("https://teams.microsoft.com/l/channel/19%3Aabc%40unq.gbl.spaces/General", "is no link to a channel"),
        ("https://teams.microsoft.com/l/channel", "is no link to a channel"),
        ('"https://[teams/l/channel/19%3Aabc%40thread.tacv2/General"', "is no link to a channel"),
        ("19:abc@thread.v2", "is no channel"),
        ('"19:a b@thread.tacv2"', "is no channel"),
    ],
)
def test_what_is_no_channel(tmp_path: Path, written: str, words: str) -> None:
    found = faults(tmp_path, SLACK | TEAMS, pmo=written)
    assert any(words in fault for fault in found), found


@pytest.mark.parametrize("host", ["teams.cloud.microsoft", "gov.teams.microsoft.us"])
def test_a_link_of_any_cloud(tmp_path: Path, host: str) -> None:
    link = LINK.replace("teams.microsoft.com", host).replace("tacv2", "skype")
    assert settings(tmp_path, SLACK | TEAMS, pmo=link).policy.pmo_channel == ROOM.replace("tacv2", "skype")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TEAMS_CLIENT_ID": ""}, "TEAMS_CLIENT_ID: is not set"),
        ({"TEAMS_TENANT_ID": ""}, "TEAMS_TENANT_ID: is not set"),
        ({"TEAMS_TENANT_ID": "example.onmicrosoft.com"}, 'TEAMS_TENANT_ID: "example.onmicrosoft.com" is no id'),
        ({"TEAMS_CLIENT_SECRET": ""}, "one of TEAMS_CLIENT_SECRET, TEAMS_CERTIFICATE or TEAMS_MANAGED_IDENTITY"),
        ({"TEAMS_CLIENT_SECRET": TENANT}, "holds the id of a secret; copy its value"),
        ({"TEAMS_MANAGED_IDENTITY": "system"}, "is set together with TEAMS_MANAGED_IDENTITY; keep one of them"),
        ({"TEAMS_CLIENT_SECRET": "", "TEAMS_MANAGED_IDENTITY": "mine"}, 'is neither "system" nor the client id'),
        ({"TEAMS_CLIENT_SECRET": "", "TEAMS_CERTIFICATE": "x"}, "has no certificate in PEM"),
        ({"TEAMS_CLIENT_SECRET": "", "TEAMS_CERTIFICATE": PEM.partition("-----BEGIN P")[0]}, "has no private key"),
        (
            {"TEAMS_CLIENT_SECRET": "", "TEAMS_CERTIFICATE": PEM.replace("PRIVATE", "ENCRYPTED PRIVATE")},
            "has a private key with a password",
        ),
        ({"TEAMS_LOGIN_URL": "login"}, 'TEAMS_LOGIN_URL: "login" is no web address'),
        ({"TEAMS_OPENID_URL": "keys"}, "TEAMS_OPENID_URL: "),
        ({"TEAMS_GRAPH_URL": "graph"}, "TEAMS_GRAPH_URL: "),
        ({"TEAMS_SERVICE_URLS": "smba.trafficmanager.net/teams"}, "is no host; write names with commas"),
        ({"TEAMS_SERVICE_URLS": "http://smba.trafficmanager.net/"}, "(with http only for this machine)"),
        ({"TEAMS_SERVICE_URLS": "https://me:secret@smba.example/"}, "is no host; write names with commas"),
        ({"TEAMS_INSTALL": "perhaps"}, 'TEAMS_INSTALL: "perhaps" is neither true nor false'),
        ({"TEAMS_UNVERIFIED": "true", "HOST": "0.0.0.0"}, "takes requests from anybody, so HOST must be 127.0.0.1"),
        ({"TEAMS_UNVERIFIED": "true", "HOST": "example.org"}, "takes requests from anybody"),
        ({"TEAMS_CLIENT_SECRET_FILE": "/nowhere"}, "together with TEAMS_CLIENT_SECRET_FILE"),
    ],
)
def test_a_fault_is_named_in_words(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    found = faults(tmp_path, TEAMS | changed, **ALL)
    assert any(words in fault for fault in found), found
    assert not any("abc~DEF.1" in fault for fault in found)


def test_every_fault_at_once(tmp_path: Path) -> None:
    variables = {"TEAMS_CLIENT_ID": "rollcall", "TEAMS_INSTALL": "perhaps", "PORT": "eighty", "SLACK_BOT_TOKEN": "x"}
    places = {fault.partition(":")[0] for fault in faults(tmp_path, variables)}
    assert places == {
        "TEAMS_CLIENT_ID",
        "TEAMS_TENANT_ID",
        "TEAMS_CLIENT_SECRET",
        "TEAMS_INSTALL",
        "PORT",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
    }


def test_other_credentials_and_addresses(tmp_path: Path) -> None:
    bare = {name: value for name, value in TEAMS.items() if name != "TEAMS_CLIENT_SECRET"}
    file = tmp_path / "bot.pem"
    file.write_text(PEM)
    teams = settings(tmp_path, bare | {"TEAMS_CERTIFICATE_FILE": str(file)}, **ALL).teams
    assert teams is not None
    assert teams.certificate is not None
    assert teams.certificate.reveal() == PEM.strip()
    for identity in ("system", TENANT):
        teams = settings(tmp_path, bare | {"TEAMS_MANAGED_IDENTITY": identity}, **ALL).teams
        assert teams is not None
        assert teams.managed_identity == identity
    more = {
        "TEAMS_LOGIN_URL": "http://127.0.0.1:9/login",
        "TEAMS_GRAPH_URL": "http://127.0.0.1:9/graph/",
        "TEAMS_SERVICE_URLS": "127.0.0.1:9, SMBA.trafficmanager.net",
        "TEAMS_INSTALL": "True",
    }
    teams = settings(tmp_path, TEAMS | more, **ALL).teams
    assert teams is not None
    assert (teams.login_url, teams.graph_url) == ("http://127.0.0.1:9/login/", "http://127.0.0.1:9/graph/")
    assert teams.service_hosts == ("127.0.0.1:9", "smba.trafficmanager.net")
    assert teams.install


@pytest.mark.parametrize("host", ["", "127.0.0.1", "::1", "localhost"])
def test_a_playground_on_this_machine_needs_no_credentials(tmp_path: Path, host: str) -> None:
    variables = {"TEAMS_CLIENT_ID": "bot", "TEAMS_TENANT_ID": "tenant", "TEAMS_UNVERIFIED": "true", "HOST": host}
    teams = settings(tmp_path, variables, **ALL).teams
    assert teams is not None
    assert (teams.unverified, teams.client_id) == (True, "bot")
