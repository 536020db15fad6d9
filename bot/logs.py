"""Structured logs: one line an event, one id an interaction, and no token or payload ever."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.config import LogSettings

# Slack's tokens (xoxb-, xapp-, xoxe.xoxp-, ...), its response addresses (credentials for half an hour) and
# socket tickets, tokens and secrets of Microsoft's login, passwords in database addresses, bearer headers.
_TOKENS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+|xapp-[\w-]+"
    r"|(?<=/hooks/)[^\s\"']+|https://hooks\.slack\.com/[^\s\"']+"
    r"|(?<=[?&]ticket=)[^\s&\"']+"
    r"|eyJ[\w-]{8,}\.[\w-]+\.?[\w-]*"
    r"|(?<=client_secret=)[^\s&\"']+|(?<=client_assertion=)[^\s&\"']+"
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"
    r"|(?<=Bearer )\S+"
)
HIDDEN = "***"
# Libraries that print requests, bodies or addresses below these levels.
_TAMED = {
    "slack_bolt": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "aiohttp": logging.WARNING,
    "apscheduler": logging.ERROR,
    "alembic": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "uvicorn": logging.WARNING,
    "asyncio": logging.WARNING,
    "procrastinate": logging.WARNING,
    "psycopg": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "msal": logging.WARNING,
    "urllib3": logging.WARNING,
    "microsoft_teams": logging.WARNING,
}

# Bolt warns at every start that it prefers our client, and our way of finding the token, to the environment's token.
_EXPECTED = ("As `installation_store` or `authorize`", "As you gave `client` as well")


def redact(value: Any) -> Any:
    """The value without anything that looks like a credential, at any depth."""
    if isinstance(value, str):
        return _TOKENS.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {key: redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(redact(item) for item in value)
    return value


def _redacted(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {key: value if key.startswith("_") else redact(value) for key, value in event.items()}


def _is_news(record: logging.LogRecord) -> bool:
    # Asked of each record, not set on the loggers: Bolt gives its own loggers a level, which would win.
    if record.levelno < _TAMED.get(record.name.partition(".")[0], logging.NOTSET):
        return False
    return not str(record.msg).startswith(_EXPECTED)


def set_up(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send this program's log, and that of the libraries it uses, to `stream` (default: stderr)."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # Written out as text here, so that the redaction sees what a traceback quotes.
        structlog.processors.format_exc_info,
        _redacted,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    handler.setLevel(settings.level.upper())
    handler.addFilter(_is_news)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name, level in _TAMED.items():
        logging.getLogger(name).setLevel(max(level, root.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
