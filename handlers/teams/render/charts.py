"""Charts, with their words for clients that cannot draw them (phones among them)."""

import math

from handlers.teams.limits import LARGE_BYTES
from handlers.teams.render.look import Json, Look, weight
from handlers.teams.render.text import BOLD, literal, prose, shield
from handlers.text import one_line
from reporting.messages import Chart, Series


def chart(block: Chart, look: Look) -> list[Json]:
    """The title, and the chart; its words alone where there is nothing to draw."""
    title = literal(block.title, look, BOLD)
    words = prose(block.fallback, look)
    drawn = _drawn(block, words) if _drawable(block) else None
    if drawn is None or weight(drawn, look) > LARGE_BYTES:
        return [*title, *words]
    return [*title, drawn]


def _drawn(block: Chart, words: list[Json]) -> Json:
    kind = "Chart.VerticalBar.Grouped" if block.kind == "bar" else "Chart.Line"
    body: Json = {"type": kind, "title": shield(one_line(block.title))}
    for key, text in (("xAxisTitle", block.x_label), ("yAxisTitle", block.y_label)):
        body |= {key: shield(one_line(text))} if one_line(text) else {}
    data = [_series(series, block.categories) for series in block.series]
    return body | {"data": data, "fallback": {"type": "Container", "items": words}}


def _series(series: Series, categories: tuple[str, ...]) -> Json:
    points = [{"x": shield(one_line(x)), "y": y} for x, y in zip(categories, series.values, strict=True)]
    return {"legend": shield(one_line(series.name)), "values": points}


def _drawable(block: Chart) -> bool:
    return bool(block.series and block.categories) and all(
        len(series.values) == len(block.categories) and all(map(math.isfinite, series.values))
        for series in block.series
    )
