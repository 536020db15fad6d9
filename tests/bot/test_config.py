"""app.yaml and the environment: what is accepted, and that every fault is named at once with its place."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.config import ConfigFaults, Secret, Settings, load
from bot.config.load import ReadFile, read_file
from reporting.model import Method, Rag, Role
from reporting.policy import AlertKind, FieldKind

SHIPPED = Path(__file__).parents[2] / "app.yaml"
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}


def settings(tmp_path: Path, text: str | None = None, **variables: str) -> Settings:
    path = tmp_path / "app.yaml"
    path.write_text(text if text is not None else SHIPPED.read_text())
    return load({**TOKENS, "ROLLCALL_CONFIG": str(path), **variables})


def changed(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    """Faults of the shipped file after some replacements."""
    text = SHIPPED.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "app.yaml"
    path.write_text(text)
    return [str(fault) for fault in read_file(path).faults]


def read(tmp_path: Path, text: str) -> ReadFile:
    path = tmp_path / "app.yaml"
    path.write_text(text)
    return read_file(path)


def test_the_shipped_file_is_a_policy(tmp_path: Path) -> None:
    policy = settings(tmp_path).policy
    weekly = policy.calendar_for("imaging")
    assert (weekly.prompt_at, weekly.due_day, weekly.due_at) == (time(9, 0), 4, time(12, 0))
    assert (weekly.digest_at, weekly.zone, weekly.weekend) == (time(16, 0), "Europe/London", (5, 6))
    assert [r.before for r in weekly.reminders] == [timedelta(hours=24), None, None, None]
    assert [r.working_days_after for r in weekly.reminders] == [None, 0, 1, 2]
    assert {rag: bool(words) for rag, words in policy.forms[-1].definitions.items()} == dict.fromkeys(Rag, True)
    assert [d.key for d in policy.forms[-1].dimensions] == [
        "schedule",
        "cost",
        "scope",
        "resources",
        "risk",
        "benefits",
    ]
    assert policy.form_for("any", Method.AGILE).custom[0].kind is FieldKind.CHOICE
    assert policy.form_for("any", Method.WATERFALL).name == "standard"
    assert {rule.kind for rule in policy.alerts} == set(AlertKind)
    assert policy.roles[Role.PMO] == ("petra.moss@example.org",)
    assert policy.grace.of("prompt") == timedelta(days=3)


def test_every_fault_at_once_each_with_its_line(tmp_path: Path) -> None:
    found = changed(
        tmp_path,
        ("    prompt_at: 09:00", "    promt_at: 09:00"),
        ("due_at: 12:00", "due_at: noon"),
        ("FREQ=MONTHLY", "FREQ=MONTLY"),
        ("default_calendar: weekly", "default_calendar: wekly"),
        ("kind: path_passed", "kind: path_pased"),
        ("threshold: 20", "threshold: 26"),
        ("concurrency: 8", "concurrency: many"),
        ("template: weekly.md.j2", "template: weakly.md.j2"),
    )
    lines = SHIPPED.read_text().splitlines()

    def line(word: str) -> int:
        return next(number for number, text in enumerate(lines, 1) if word in text)

    expected = [
        (line("prompt_at"), '"promt_at" is not known here; did you mean "prompt_at"?'),
        (line("due_at"), 'due_at: "noon" is no time of day; write for example 09:00 or 16:30'),
        (line("MONTHLY"), "no recurrence rule"),
        (line("default_calendar"), 'there is no calendar "wekly"; did you mean "weekly"?'),
        (line("template: weekly"), 'there is no template "weakly.md.j2"'),
        (line("threshold: 20"), "threshold of risk_score must be from 1 to 25"),
        (line("path_passed"), 'kind: "path_pased" is not known; did you mean "path_passed"?'),
        (line("concurrency"), 'concurrency: "many" must be a whole number'),
    ]
    assert len(found) == len(expected)
    for fault, (number, words) in zip(found, expected, strict=True):
        assert fault.startswith(f"app.yaml:{number}: ")
        assert words in fault


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("zone: Europe/London", "zone: Europe/Londn", 'did you mean "Europe/London"?'),
        ("holidays: GB-ENG", "holidays: GB-EMG", 'GB has no region "EMG"; did you mean "ENG"?'),
        ("holidays: GB-ENG", "holidays: QQ", 'no holidays are known for "QQ"'),
        ("[saturday, sunday]", "[saterday]", 'did you mean "saturday"?'),
        ("before: 24h", "before: 1 day", "is no length of time"),
        ("before: 24h", "before: 24h, working_days_after: 1", 'either "before" or "working_days_after"'),
        ("locale: en-GB", "locale: klingon", "is no known language"),
        ("name: amber-for-long", "name: turned-red", 'name "turned-red" is used twice in alerts'),
        ("kind: turned_red", "kind: turned_red, threshold: 2", "turned_red has no threshold"),
        ("threshold: 3, ", "", "threshold of amber_periods must be from 2 to 52"),
        ("calendar_of: {}", "calendar_of: {imaging: dayly}", 'there is no calendar "dayly"'),
        ("pmo: [petra.moss@example.org]", "pmo: []", "roles.pmo must name at least one person"),
        ("pmo: [petra.moss@example.org]", "pmo: [Petra]", '"Petra" is neither a mail address nor a chat user id'),
        ('pmo_channel: "#pmo"', "pmo_channel: #pmo", "must stand in quotes"),
        ('channel: "#leadership"', "channel: leadership", "is no channel"),
        ("    methods: [agile]\n", "", 'form "standard" is never used'),
        ("  - name: standard", "  - name: standard\n    methods: [hybrid]", "the last form must fit every project"),
        ("    choices: [met, partly met, not met]\n".replace("    ", "        ", 1), "", 'needs "choices"'),
        ("kind: choice", "kind: text", "is no choice"),
        ("[done, next, missed, dimensions, forecast_end, risks", "[done, nxt, missed, risks", '"nxt" is no section'),
        ("digest_at: 16:00", "digest_at: 11:00", "before answers are due"),
        ("templates: null", "templates: mine", 'folder "mine" does not exist'),
        ("organisation: Example R&D", "organisation:", "organisation: must be text"),
        ("trend_periods: 6", "trend_periods: 6\ntrend_periods: 7", '"trend_periods" is given twice'),
        ("starts: 2026-01-05", "starts: soon", "is no day"),
        ("green: On track", "gren: On track", 'did you mean "green"?'),
        ("weekly:\n", "weekly: 5\n  other:\n", "must be a group of settings"),
    ],
)
def test_a_fault_is_named_in_words(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert any(words in fault for fault in changed(tmp_path, (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "must not end (COUNT, UNTIL)"),
        ("due_day: 4", "due_day: 8", "bring the digest forward"),
        ("due_day: 4", "due_day: 0", "answers must be due after the prompt"),
    ],
)
def test_a_calendar_that_cannot_run_is_a_fault_beside_the_others(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    more = {"due_day: 8": [("digest_day: 4", "digest_day: 8")], "due_day: 0": [("due_at: 12:00", "due_at: 08:00")]}
    found = changed(tmp_path, (old, new), *more.get(new, []), ("calendar_of: {}", "calendar_of: {imaging: other}"),
                    ("locale: en-GB", "locale: 7"))  # fmt: skip
    assert any('calendar "weekly": ' in fault and words in fault for fault in found), found
    assert any("locale" in fault for fault in found)
    assert any('there is no calendar "other"' in fault for fault in found)


def test_portfolios_are_named_by_key_or_by_name(tmp_path: Path) -> None:
    text = SHIPPED.read_text().replace("calendar_of: {}", "calendar_of: {R&D: weekly, Ärzte Nord: weekly}")
    assert set(settings(tmp_path, text).policy.calendar_of) == {"r-d", "ärzte-nord"}
    assert not read(tmp_path, text).faults_against(["r-d", "ärzte-nord", "imaging", "robotics"])
    [fault] = changed(tmp_path, ("calendar_of: {}", "calendar_of: {'&': weekly}"))
    assert '"&" is no portfolio; write its key, such as imaging' in fault


def test_a_second_rule_set_finds_unknown_portfolios(tmp_path: Path) -> None:
    file = read(tmp_path, SHIPPED.read_text().replace("calendar_of: {}", "calendar_of: {imagin: weekly}"))
    assert not file.faults
    [fault] = file.faults_against(["Imaging", "robotics"])
    assert fault.message == 'the register has no portfolio "imagin"; did you mean "imaging"?'


def test_what_is_no_yaml_and_what_is_not_there(tmp_path: Path) -> None:
    assert "app.yaml:2" in str(read(tmp_path, "a: 1\n- b").faults[0])
    assert "group of settings" in str(read(tmp_path, "- a\n").faults[0])
    assert "No such file" in str(read_file(tmp_path / "none.yaml").faults[0])
    assert '"organisation" is missing' in str(read(tmp_path, "").faults)


def test_yaml_without_the_old_surprises(tmp_path: Path) -> None:
    text = SHIPPED.read_text().replace("[met, partly met, not met]", "[yes, no, 1e3, 2026-01-05]")
    form = settings(tmp_path, text).policy.forms[0]
    assert form.custom[0].choices == ("yes", "no", "1e3", "2026-01-05")


def test_the_environment_has_its_faults_in_the_same_list(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(SHIPPED.read_text().replace("tick: 5s", "tick: soon"))
    variables = {
        "ROLLCALL_CONFIG": str(path),
        "SLACK_BOT_TOKEN": "xapp-swapped",
        "SLACK_MODE": "sockets",
        "SLACK_API_URL": "slack",
        "PORT": "eighty",
        "ROLLCALL_DATABASE_URL": "rollcall.db",
        "SLACK_SIGNING_SECRET_FILE": str(tmp_path / "missing"),
    }
    with pytest.raises(ConfigFaults) as raised:
        load(variables)
    places = [fault.place.split(":")[0] for fault in raised.value.faults]
    assert places[0] == "app.yaml"
    assert set(places[1:]) == {
        "SLACK_SIGNING_SECRET_FILE",
        "SLACK_MODE",
        "SLACK_APP_TOKEN",
        "SLACK_BOT_TOKEN",
        "SLACK_API_URL",
        "PORT",
        "ROLLCALL_DATABASE_URL",
    }
    assert "xapp-swapped" not in str(raised.value)


def test_secrets_come_from_files_and_never_show(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("xoxb-from-file\n")
    read = settings(tmp_path, SLACK_BOT_TOKEN="", SLACK_BOT_TOKEN_FILE=str(token))
    assert read.slack.bot_token.reveal() == "xoxb-from-file"
    assert "xoxb" not in repr(read)
    assert "xapp" not in f"{read}"
    assert {Secret("a"), Secret("a")} == {Secret("a")}
    with pytest.raises(ConfigFaults, match="together with SLACK_BOT_TOKEN_FILE"):
        settings(tmp_path, SLACK_BOT_TOKEN_FILE=str(token))
    token.write_text("")
    with pytest.raises(ConfigFaults, match="is empty"):
        settings(tmp_path, SLACK_BOT_TOKEN="", SLACK_BOT_TOKEN_FILE=str(token))


def test_http_needs_the_signing_secret_and_defaults_are_safe(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults, match="SLACK_SIGNING_SECRET: is not set"):
        settings(tmp_path, SLACK_MODE="http")
    read = settings(tmp_path, SLACK_API_URL="http://127.0.0.1:9/api", ROLLCALL_DATA=str(tmp_path / "d"))
    assert read.host == "127.0.0.1"
    assert read.slack.mode == "socket"
    assert read.slack.api_url == "http://127.0.0.1:9/api/"
    assert read.database_url.reveal() == f"sqlite:///{tmp_path / 'd' / 'rollcall.db'}"
