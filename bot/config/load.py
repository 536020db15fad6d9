"""Reads everything and either returns Settings or raises every fault at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config.checks import channels_elsewhere, cross_findings, unknown_portfolios
from bot.config.environment import Environment
from bot.config.faults import ConfigFaults, Fault, Finding
from bot.config.lines import Lines, NotYaml, parse
from bot.config.models import AppFile, CalendarPart
from bot.config.policy import to_calendar, to_engine, to_log, to_policy
from bot.config.settings import Settings, SlackSettings, TeamsSettings
from bot.config.teams import teams as read_teams
from bot.config.words import finding
from reporting.calendar_checks import calendar_faults, known_zone
from reporting.keys import portfolio_key
from reporting.policy import Policy
from reporting.routing import SLACK, TEAMS


def load(variables: Mapping[str, str], config: Path | None = None) -> Settings:
    """Settings from the environment and the file it names.

    Args:
        variables: the environment.
        config: app.yaml, when it is not to come from ROLLCALL_CONFIG.

    Raises:
        ConfigFaults: with every fault of the file and of the environment.
    """
    environment = Environment(variables)
    path = config or environment.config_path()
    slack, teams = environment.slack(), read_teams(environment)
    port, database = environment.port(), environment.database_url()
    read = read_file(path)
    faults = [*read.faults, *read.faults_elsewhere(set_up(slack, teams)), *environment.faults]
    if faults or read.file is None:
        raise ConfigFaults(faults)
    return Settings(
        policy=to_policy(read.file, path.parent),
        slack=slack,
        database_url=database,
        data_dir=environment.data_dir(),
        config_path=path,
        host=environment.host(),
        port=port,
        teams=teams,
        engine=to_engine(read.file.engine),
        log=to_log(read.file.log),
    )


def set_up(slack: SlackSettings | None, teams: TeamsSettings | None) -> list[str]:
    """The chat systems that there are settings of."""
    return [name for name, found in ((SLACK, slack), (TEAMS, teams)) if found is not None]


def load_policy(path: Path) -> Policy:
    """Only the policy, for what needs no chat: the database commands and the demo.

    Raises:
        ConfigFaults: with every fault of the file.
    """
    read = read_file(path)
    if read.faults or read.file is None:
        raise ConfigFaults(read.faults)
    return to_policy(read.file, path.parent)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """app.yaml as read: its shape when it is right, its lines, its faults."""

    name: str
    file: AppFile | None
    lines: Lines
    faults: tuple[Fault, ...]

    def faults_against(self, portfolios: Iterable[str]) -> list[Fault]:
        """Faults that only the register can show: portfolios named here and unknown there."""
        known = {portfolio_key(key) for key in portfolios}
        return _located(self.name, self.lines, unknown_portfolios(self.lines.data, known))

    def faults_elsewhere(self, platforms: Collection[str]) -> list[Fault]:
        """Channels of a chat system that is not among these."""
        return _located(self.name, self.lines, channels_elsewhere(self.lines.data, platforms)) if self.is_group else []

    @property
    def is_group(self) -> bool:
        """Whether it has the shape of a file of settings at all."""
        return isinstance(self.lines.data, dict)


def read_file(path: Path) -> ReadFile:
    """Read and check app.yaml, without raising."""
    try:
        lines = parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return _unread(path, 0, f"cannot be read: {reason}; ROLLCALL_CONFIG names the file")
    except NotYaml as error:
        return _unread(path, error.line, f"is no YAML here: {error.problem}")
    if not isinstance(lines.data, dict):
        return _unread(path, 1, 'must be a group of settings ("name: value" lines)')
    file, findings = _validate(lines)
    shipped = Path(str(files("digests") / "templates"))
    findings += cross_findings(lines.data, shipped, path.parent)
    findings += _calendar_findings(lines.data, findings)
    return ReadFile(path.name, file, lines, tuple(_located(path.name, lines, findings)))


def _unread(path: Path, line: int, message: str) -> ReadFile:
    place = f"{path.name}:{line}" if line else str(path)
    return ReadFile(path.name, None, Lines({}), (Fault(place, message),))


def _validate(lines: Lines) -> tuple[AppFile | None, list[Finding]]:
    try:
        return AppFile.model_validate(lines.data), list(lines.repeated)
    except ValidationError as error:
        return None, [*lines.repeated, *(finding(e) for e in error.errors())]


def _calendar_findings(raw: Mapping[str, Any], before: list[Finding]) -> Iterator[Finding]:
    """What only trying a calendar out shows; of one that has a fault already nothing more can be told."""
    faulty = {found.path[1] for found in before if found.path[:1] == ("calendars",) and len(found.path) > 1}
    calendars, zone = raw.get("calendars"), raw.get("zone")
    for name, part in calendars.items() if isinstance(calendars, dict) else ():
        if name not in faulty:
            own = zone if isinstance(zone, str) and known_zone(zone) else "UTC"
            calendar = to_calendar(name, CalendarPart.model_validate(part), own)
            for words in calendar_faults(calendar):
                yield Finding(("calendars", name), f'calendar "{name}": {words}')


def _located(name: str, lines: Lines, findings: Iterable[Finding]) -> list[Fault]:
    placed = sorted({(lines.line(f.path), f.message) for f in findings})
    return [Fault(f"{name}:{line}", message) for line, message in placed]
