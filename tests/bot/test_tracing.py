"""Traces, as a collector gets them over HTTP; and nothing where nobody asked for them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bot.app import build
from bot.tracing import NoTracing, OtelTracing, make_tracing
from reporting.ports import Later
from tests.bot.live import Live, playing, register, settings_for
from tests.bot.test_lean import loaded

TYPED = "red lead:Kryptonite"


class Collector:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.service = ""

    async def take(self, request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest.FromString(await request.read())
        for part in told.resource_spans:
            self.service = next(a.value.string_value for a in part.resource.attributes if a.key == "service.name")
            self.spans += [span for scope in part.scope_spans for span in scope.spans]
        return web.Response()

    def named(self, name: str) -> list[dict[str, str]]:
        found = [span for span in self.spans if span.name == name]
        return [{a.key: a.value.string_value for a in span.attributes} for span in found]


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[Collector, str]]:
    collector, app = Collector(), web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield collector, str(site._server.sockets[0].getsockname()[1])  # type: ignore[union-attr]
    finally:
        await runner.cleanup()


async def test_a_collector_gets_interactions_deliveries_and_ticks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with collecting() as (collector, port), playing() as playground:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        tracing = make_tracing(os.environ, "1.2.3")
        settings = settings_for(playground, tmp_path)
        bot = build(settings, playground.clock, chat_follows=True, tracing=tracing)
        register(bot)
        await bot.start()
        live = Live(bot, playground, playground.clock)
        try:
            await live.forward(hours=3)
            await playground.person("U2").command(f"/rag {TYPED}", "C1")
            await bot.chats["slack"].settled()
        finally:
            await bot.stop()
    assert collector.service == "rollcall"
    assert len(collector.named("tick")) > 1
    [prompt] = [span for span in collector.named("delivery") if span.get("kind") == "prompt"]
    assert (prompt["outcome"], prompt["key"].startswith("prompt:")) == ("sent", True)
    [command] = [span for span in collector.named("interaction") if span["kind"] == "command"]
    assert (command["what"], command["outcome"], len(command["ref"])) == ("/rag", "done", 8)
    assert "Kryptonite" not in str(collector.spans)


async def test_an_error_is_told_by_its_type_alone_and_later_is_none() -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = OtelTracing(provider)
    with pytest.raises(ValueError, match="typed"), tracing.span("one"):
        raise ValueError("what somebody typed")
    with pytest.raises(Later), tracing.span("two"):
        raise Later(5.0)
    one, two = exporter.get_finished_spans()
    assert (one.status.is_ok, one.status.description, one.events) == (False, "ValueError", ())
    assert (two.status.is_ok, dict(two.attributes or {})) == (True, {"again_in": 5.0})
    tracing.close()


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_SERVICE_NAME": "x"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        {"OTEL_TRACES_EXPORTER": "carrier_pigeon"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
)
def test_where_nobody_asked_or_an_exporter_is_missing_there_are_none(variables: dict[str, str]) -> None:
    assert isinstance(make_tracing(variables, "1"), NoTracing)


def test_nothing_of_it_is_loaded_where_nobody_asked() -> None:
    found = loaded(
        "from bot.cli.main import main; main.get_command(None, 'run'); import bot.tracing as t; t.make_tracing({}, '1')"
    )
    assert "starlette" in found
    assert "opentelemetry" not in found
