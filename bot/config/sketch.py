"""What can be told of the policy although app.yaml has faults, so that one fault does not hide the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config import values
from bot.config.load import ReadFile
from bot.config.policy import to_policy
from reporting.policy import Policy
from reporting.routing import platform_of_channel


@dataclass(frozen=True, slots=True)
class Sketch:
    """The parts of the policy that are looked at before the bot begins.

    Attributes:
        templates, locales: folders of the operator's own, or None.
        locale: the default language.
        wanted: templates that digests name.
        channels: each channel named, and where.
        policy: all of it, when it has no fault of shape.
    """

    templates: Path | None
    locales: Path | None
    locale: str
    wanted: tuple[str, ...]
    channels: tuple[tuple[str, str], ...]
    policy: Policy | None = None


def of_policy(policy: Policy) -> Sketch:
    """The sketch of a whole policy."""
    return Sketch(
        Path(policy.templates) if policy.templates else None,
        Path(policy.locales) if policy.locales else None,
        policy.locale,
        tuple(digest.template for digest in policy.digests),
        tuple(_channels(policy)),
        policy,
    )


def of_file(read: ReadFile, folder: Path) -> Sketch:
    """The sketch of a file, as far as it can be read; relative folders count from `folder`."""
    if read.file is not None:
        return of_policy(to_policy(read.file, folder))
    raw = read.lines.data if isinstance(read.lines.data, dict) else {}
    digests, alerts = _parts(raw, "digests"), _parts(raw, "alerts")
    named = [(raw.get("pmo_channel"), "pmo_channel")]
    named += [(part.get("channel"), f"digest {part.get('name')}") for part in digests]
    named += [(part.get("channel"), f"alert {part.get('name')}") for part in alerts]
    return Sketch(
        _folder(raw, "templates", folder),
        _folder(raw, "locales", folder),
        "en-GB",
        tuple(part["template"] for part in digests if isinstance(part.get("template"), str)),
        tuple(_readable(named)),
    )


def channels_of(sketch: Sketch, platform: str) -> list[tuple[str, str]]:
    """Each channel of one chat system that is named, and where."""
    return [(name, place) for name, place in sketch.channels if platform_of_channel(name) == platform]


def _channels(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.pmo_channel:
        yield policy.pmo_channel, "pmo_channel"
    yield from ((digest.channel, f"digest {digest.name}") for digest in policy.digests)
    yield from ((alert.channel, f"alert {alert.name}") for alert in policy.alerts)


def _readable(named: Iterable[tuple[Any, str]]) -> Iterator[tuple[str, str]]:
    for name, place in named:
        try:
            yield values.channel(name), place
        except ValueError:
            continue  # told as a fault of the file


def _parts(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = raw.get(key)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _folder(raw: Mapping[str, Any], key: str, folder: Path) -> Path | None:
    name = raw.get(key)
    return folder / name if isinstance(name, str) and (folder / name).is_dir() else None
