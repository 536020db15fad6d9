"""Logs: one line an event, an id, and nothing secret in any of them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.config import LogSettings
from bot.logs import redact, set_up
from handlers.telling import interaction, reference

SECRETS = [
    "xoxb-12-34-abc",
    "xapp-1-A0-99-ff",
    "xoxe.xoxp-1-abc",
    "https://hooks.slack.com/commands/T1/2/zzz",
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    before = logging.getLogger().handlers[:]
    out = io.StringIO()
    set_up(LogSettings(format="json", level="info"), out)
    yield out
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_one_id_for_all_of_an_interaction(log: io.StringIO) -> None:
    with interaction("click", "U1", "report.open") as doing:
        assert reference() == doing.ref
        structlog.get_logger("a").info("first", n=1)
        logging.getLogger("b").warning("second %s", 2)
    structlog.get_logger("a").info("third")
    assert reference() != doing.ref
    first, second, last, third = lines(log)
    assert first["interaction"] == second["interaction"] == last["interaction"] == doing.ref
    assert first["user"] == "U1"
    assert (last["kind"], last["what"], last["outcome"]) == ("click", "report.open", "done")
    assert second["event"] == "second 2"
    assert "interaction" not in third


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_in_any_place(log: io.StringIO, secret: str) -> None:
    structlog.get_logger("a").info(f"with {secret}", deep={"list": [secret, {"x": secret}]}, url=f"x?token={secret}")
    logging.getLogger("b").error("a library says %s", secret)
    try:
        raise ValueError(secret)
    except ValueError as error:
        structlog.get_logger("a").error("failed", exc_info=error)
        logging.getLogger("b").exception("failed")
    assert secret not in log.getvalue()
    assert len(lines(log)) == 4


def test_passwords_in_addresses_are_hidden() -> None:
    assert redact("postgresql://bot:hunter2@db/rollcall") == "postgresql://***@db/rollcall"
    assert redact("ws://127.0.0.1:1/link/?ticket=abc123&x=1") == "ws://127.0.0.1:1/link/?ticket=***&x=1"
    assert redact("got eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln-_x there") == "got *** there"
    assert redact("grant_type=x&client_secret=a~b.c&scope=y") == "grant_type=x&client_secret=***&scope=y"
    assert redact("http://127.0.0.1/hooks/T1/secret") == "http://127.0.0.1/hooks/***"


@pytest.mark.parametrize("level", [logging.NOTSET, logging.DEBUG])
def test_libraries_that_print_payloads_are_kept_quiet(log: io.StringIO, level: int) -> None:
    bolt = logging.getLogger("slack_bolt.AsyncApp")
    before = bolt.level
    # Bolt gives its loggers a level of their own when an app is made.
    bolt.setLevel(level)
    try:
        bolt.info("Unhandled request: %s", {"token": "t"})
        bolt.warning("As `installation_store` or `authorize` has been used, `token` is ignored.")
        logging.getLogger("slack_sdk.web.async_client").debug("body")
        bolt.warning("news")
    finally:
        bolt.setLevel(before)
    assert [line["event"] for line in lines(log)] == ["news"]
