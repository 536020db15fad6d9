"""Secrets and addresses from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.config.faults import Fault, nearest
from bot.config.settings import Mode, Secret, SlackSettings
from handlers.proxies import Proxies

SLACK_SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
TEAMS_SECRETS = ("TEAMS_CLIENT_SECRET", "TEAMS_CERTIFICATE")
# Any of these says that the chat system is wanted; addresses and modes alone do not.
_SLACK_WANTED = (*SLACK_SECRETS, *(f"{name}_FILE" for name in SLACK_SECRETS))
_TEAMS_WANTED = (
    "TEAMS_CLIENT_ID",
    "TEAMS_TENANT_ID",
    "TEAMS_MANAGED_IDENTITY",
    *TEAMS_SECRETS,
    *(f"{name}_FILE" for name in TEAMS_SECRETS),
)
SECRETS = (*SLACK_SECRETS, *TEAMS_SECRETS, "ROLLCALL_DATABASE_URL")
NAMES = (
    *SECRETS,
    *(f"{name}_FILE" for name in SECRETS),
    "SLACK_API_URL",
    "SLACK_MODE",
    "TEAMS_CLIENT_ID",
    "TEAMS_TENANT_ID",
    "TEAMS_MANAGED_IDENTITY",
    "TEAMS_LOGIN_URL",
    "TEAMS_OPENID_URL",
    "TEAMS_GRAPH_URL",
    "TEAMS_SERVICE_URLS",
    "TEAMS_INSTALL",
    "TEAMS_UNVERIFIED",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
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

    def host(self) -> str:
        """The address to listen on."""
        return self.text("HOST", "127.0.0.1")

    def wants_teams(self) -> bool:
        """Whether any of what only Teams needs is set."""
        return any(self.text(name) for name in _TEAMS_WANTED)

    def slack(self) -> SlackSettings | None:
        """Tokens, mode and address of Slack; checks that they fit together. None where only Teams is wanted."""
        if self.wants_teams() and not any(self.text(name) for name in _SLACK_WANTED):
            return None
        tokens = {name: self.secret(name) for name in SLACK_SECRETS}
        mode = self._mode()
        needed = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN" if mode == "socket" else "SLACK_SIGNING_SECRET"]
        broken = {fault.place.removesuffix("_FILE") for fault in self.faults}
        for name in needed:
            if tokens[name] is None and name not in broken:
                other = "" if self.wants_teams() or name != needed[0] else ". For Microsoft Teams set TEAMS_CLIENT_ID"
                self.fault(name, f"is not set; SLACK_MODE {mode} needs it (or {name}_FILE){other}")
        for name, token in tokens.items():
            self._kind(name, token)
        return SlackSettings(
            bot_token=tokens["SLACK_BOT_TOKEN"] or Secret(""),
            app_token=tokens["SLACK_APP_TOKEN"],
            signing_secret=tokens["SLACK_SIGNING_SECRET"],
            api_url=self.base("SLACK_API_URL", "https://slack.com/api/"),
            mode=mode,
            proxies=self.proxies(),
        )

    def _mode(self) -> Mode:
        text = self.text("SLACK_MODE", "socket")
        if text in ("socket", "http"):
            return "http" if text == "http" else "socket"
        self.fault("SLACK_MODE", f'"{text}" is not known{nearest(text, ["socket", "http"])}')
        return "socket"

    def address(self, name: str, default: str) -> str:
        """A web address."""
        text = self.text(name, default)
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            self.fault(name, f'"{text}" is no web address; write for example {default}')
        return text

    def base(self, name: str, default: str) -> str:
        """A web address that the clients join names to, so the slash at the end matters."""
        text = self.address(name, default)
        return text if text.endswith("/") else text + "/"

    def proxies(self) -> Proxies:
        """The proxies that everything on this machine is to use, in capitals or not."""
        without = self.text("no_proxy") or self.text("NO_PROXY")
        names = tuple(one.strip() for one in without.split(",") if one.strip())
        return Proxies(self._proxy("HTTPS_PROXY"), self._proxy("HTTP_PROXY"), names)

    def _proxy(self, name: str) -> str:
        text = self.text(name.lower()) or self.text(name)
        address = text if "://" in text or not text else f"http://{text}"
        fault = Fault(name, "is no address of an HTTP proxy; write for example http://proxy.example:3128")
        # The address is not shown: it may hold a password. Both chat systems ask, and it is told once.
        if text and not _is_proxy(address) and fault not in self.faults:
            self.faults.append(fault)
        return address

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


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
