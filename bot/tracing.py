"""Traces, for those who collect them: spans of what people do, of deliveries and of the clock's ticks.

Only with the packages of the extra `otel` and an address or exporter in the ordinary `OTEL_*` variables; nothing of
OpenTelemetry is imported otherwise. OpenTelemetry docs: environment variable specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Protocol

import structlog

from reporting.ports import Later

Note = Callable[[str, str | int | float], None]
_ADDRESSES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_CHOICE = "OTEL_TRACES_EXPORTER"
_PROTOCOLS = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}


class Tracing(Protocol):
    """Where spans go."""

    def span(self, name: str, **attributes: str | int | float) -> AbstractContextManager[Note]:
        """A span around a block; what the block notes is added to it. An error is told by its type alone."""
        ...

    def note(self, **attributes: str | int | float) -> None:
        """Add to the span that is under way, if any."""
        ...

    def close(self) -> None:
        """Send what is left. Blocks for a few seconds at most."""
        ...


class NoTracing:
    """Spans go nowhere."""

    @contextmanager
    def span(self, name: str, **attributes: str | int | float) -> Iterator[Note]:  # noqa: ARG002 - see Tracing
        """Nothing is noted."""
        yield lambda _name, _value: None

    def note(self, **attributes: str | int | float) -> None:
        """Nothing is noted."""

    def close(self) -> None:
        """There is nothing to send."""


class OtelTracing:
    """Spans go to OpenTelemetry's SDK, with a provider of our own.

    Args:
        provider: a `TracerProvider` of the SDK.
    """

    def __init__(self, provider: Any) -> None:
        from opentelemetry import trace

        self._provider = provider
        self._tracer = provider.get_tracer("rollcall")
        self._current = trace.get_current_span
        self._error = trace.StatusCode.ERROR

    @contextmanager
    def span(self, name: str, **attributes: str | int | float) -> Iterator[Note]:
        """See `Tracing.span`."""
        begun = self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        )
        with begun as span:
            try:
                yield span.set_attribute
            except Later as later:
                span.set_attribute("again_in", later.seconds)
                raise
            except BaseException as error:
                # Its words may hold what somebody typed.
                span.set_status(self._error, type(error).__name__)
                raise

    def note(self, **attributes: str | int | float) -> None:
        """See `Tracing.note`."""
        self._current().set_attributes(attributes)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def make_tracing(variables: Mapping[str, str], version: str) -> Tracing:
    """Tracing as the environment asks for it.

    Args:
        variables: the environment; the SDK reads all others of its variables there by itself.
    """
    if not _wanted(variables):
        return NoTracing()
    log = structlog.get_logger("rollcall")
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        log.warning(
            "traces_not_sent", why="OTEL_* is set and OpenTelemetry not installed: pip install 'rollcall[otel]'"
        )
        return NoTracing()
    name = _exporter_name(variables)
    found = [point for point in entry_points(group="opentelemetry_traces_exporter") if point.name == name]
    if not found:
        log.warning("traces_not_sent", why=f"no exporter called {name} is installed")
        return NoTracing()
    return OtelTracing(_provider(found[0].load(), version))


def _wanted(variables: Mapping[str, str]) -> bool:
    if variables.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    choice = variables.get(_CHOICE, "").strip()
    return choice != "none" and bool(choice or any(variables.get(name) for name in _ADDRESSES))


def _exporter_name(variables: Mapping[str, str]) -> str:
    choice = variables.get(_CHOICE, "").strip() or "otlp"
    if choice != "otlp":
        return choice
    protocol = variables.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or variables.get("OTEL_EXPORTER_OTLP_PROTOCOL") or ""
    return _PROTOCOLS.get(protocol.strip() or "http/protobuf", protocol.strip())


def _provider(exporter: Callable[[], Any], version: str) -> Any:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before these.
    named = Resource({"service.name": "rollcall", "service.version": version})
    told = Resource.create().attributes
    kept = {name: value for name, value in told.items() if not str(value).startswith("unknown_service")}
    provider = TracerProvider(resource=named.merge(Resource(kept)))
    provider.add_span_processor(BatchSpanProcessor(exporter()))
    return provider
