"""Secrets and addresses from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.config.faults import Fault, nearest
from bot.config.settings import Mode, Secret, SlackSettings

SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "ROLLCALL_DATABASE_URL")
NAMES = (
    *SECRETS,
    *(f"{name}_FILE" for name in SECRETS),
    "SLACK_API_URL",
    "SLACK_MODE",
    "HOST",
    "PORT",
    "ROLLCALL_CONFIG",
    "ROLLCALL_DATA",
)

# Slack docs: token types. A signing secret has no prefix.
_PREFIXES = {
    "bot token": ("xoxb-", "xoxe.xoxb-"),
    "app token": ("xapp-",),
    "user token": ("xoxp-", "xoxe.xoxp-", "xoxe-"),
}
_WANTED = {"SLACK_BOT_TOKEN": "bot token", "SLACK_APP_TOKEN": "app token", "SLACK_SIGNING_SECRET": ""}


@dataclass(slots=True)
class Environment:
    """Reads variables and gathers what is wrong with them."""

    variables: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str, message: str) -> None:
        """Note a fault of one variable."""
        self.faults.append(Fault(name, message))

    def text(self, name: str, default: str = "") -> str:
        """A variable; one that is set to nothing counts as not set."""
        return self.variables.get(name, "").strip() or default

    def secret(self, name: str) -> Secret | None:
        """A secret from NAME, or from the file that NAME_FILE names."""
        direct, path = self.text(name), self.text(f"{name}_FILE")
        if direct and path:
            self.fault(name, f"is set together with {name}_FILE; keep one of them")
        if direct or not path:
            return Secret(direct) if direct else None
        try:
            value = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            self.fault(f"{name}_FILE", f'"{path}" cannot be read: {reason}')
            return None
        if not value:
            self.fault(f"{name}_FILE", f'"{path}" is empty')
        return Secret(value) if value else None

    def data_dir(self) -> Path:
        """Where the bot keeps its own files."""
        return Path(self.text("ROLLCALL_DATA", "var"))

    def config_path(self) -> Path:
        """Where app.yaml stands."""
        return Path(self.text("ROLLCALL_CONFIG", "app.yaml"))

    def database_url(self) -> Secret:
        """The database; by default a SQLite file in the data folder."""
        given = self.secret("ROLLCALL_DATABASE_URL")
        if given is not None and "://" not in given.reveal():
            self.fault("ROLLCALL_DATABASE_URL", "is no database address; write for example sqlite:////data/rollcall.db")
        return given or Secret(f"sqlite:///{self.data_dir() / 'rollcall.db'}")

    def port(self) -> int:
        """The port to listen on."""
        text = self.text("PORT", "3000")
        if not text.isdigit() or not 0 <= int(text) <= 65535:
            self.fault("PORT", f'"{text}" is no port; write a number from 1 to 65535')
            return 0
        return int(text)

    def slack(self) -> SlackSettings:
        """Tokens, mode and address of Slack; checks that they fit together."""
        tokens = {name: self.secret(name) for name in SECRETS[:3]}
        mode = self._mode()
        needed = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN" if mode == "socket" else "SLACK_SIGNING_SECRET"]
        broken = {fault.place.removesuffix("_FILE") for fault in self.faults}
        for name in needed:
            if tokens[name] is None and name not in broken:
                self.fault(name, f"is not set; SLACK_MODE {mode} needs it (or {name}_FILE)")
        for name, token in tokens.items():
            self._kind(name, token)
        return SlackSettings(
            bot_token=tokens["SLACK_BOT_TOKEN"] or Secret(""),
            app_token=tokens["SLACK_APP_TOKEN"],
            signing_secret=tokens["SLACK_SIGNING_SECRET"],
            api_url=self._api_url(),
            mode=mode,
        )

    def _mode(self) -> Mode:
        text = self.text("SLACK_MODE", "socket")
        if text in ("socket", "http"):
            return "http" if text == "http" else "socket"
        self.fault("SLACK_MODE", f'"{text}" is not known{nearest(text, ["socket", "http"])}')
        return "socket"

    def _api_url(self) -> str:
        text = self.text("SLACK_API_URL", "https://slack.com/api/")
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            self.fault("SLACK_API_URL", f'"{text}" is no web address; write for example https://slack.com/api/')
        # The client joins method names to it, so the slash at the end matters.
        return text if text.endswith("/") else text + "/"

    def _kind(self, name: str, token: Secret | None) -> None:
        """Whether it can be what its place asks for; a mistake here would otherwise show as a refusal by Slack."""
        if token is None:
            return
        value = token.reveal()
        found = next((kind for kind, prefixes in _PREFIXES.items() if value.startswith(prefixes)), "")
        wanted = _WANTED[name]
        if found == wanted:
            return
        if found:
            prefix = next(prefix for prefix in _PREFIXES[found] if value.startswith(prefix))
            self.fault(name, f"holds {_article(found)} ({prefix}...), not {_article(wanted or 'signing secret')}")
        elif wanted:
            self.fault(name, f"is no {wanted}: those begin with {_PREFIXES[wanted][0]}")


def _article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
