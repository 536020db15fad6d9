"""app.yaml and the environment, read into frozen Settings; every fault at once, each with its line."""

from bot.config.faults import ConfigFaults, Ending, Fault
from bot.config.load import load, load_policy
from bot.config.settings import EngineSettings, LogSettings, Secret, Settings, SlackSettings, TeamsSettings

__all__ = [
    "ConfigFaults",
    "Ending",
    "EngineSettings",
    "Fault",
    "LogSettings",
    "Secret",
    "Settings",
    "SlackSettings",
    "TeamsSettings",
    "load",
    "load_policy",
]
