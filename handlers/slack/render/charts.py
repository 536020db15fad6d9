"""Charts as data_visualization, or their words where a chart cannot be drawn."""

import math

from handlers.slack.limits import CHART_AXIS, CHART_NAME, CHART_POINTS, CHART_SERIES, CHART_TITLE
from handlers.slack.render.look import Json
from handlers.text import one_line, shorten, size
from reporting.messages import Chart, Series


def visualization(chart: Chart) -> Json | None:
    """The chart, or None when it does not fit (Slack docs: data visualization block)."""
    names = _unique(tuple(series.name for series in chart.series))
    categories = _unique(chart.categories)
    if names is None or categories is None or not one_line(chart.title) or not _fits(chart):
        return None
    axes: Json = {"categories": categories}
    for key, text in (("x_label", chart.x_label), ("y_label", chart.y_label)):
        axes |= {key: shorten(one_line(text), CHART_AXIS)} if one_line(text) else {}
    return {
        "type": "data_visualization",
        "title": shorten(one_line(chart.title), CHART_TITLE),
        "chart": {
            "type": chart.kind,
            "series": [_series(s, n, categories) for s, n in zip(chart.series, names, strict=True)],
            "axis_config": axes,
        },
    }


def complete(chart: Chart) -> bool:
    """Whether the drawn chart says everything, with no title or name shortened."""
    names = [series.name for series in chart.series] + list(chart.categories)
    axes = (chart.title, CHART_TITLE), (chart.x_label, CHART_AXIS), (chart.y_label, CHART_AXIS)
    return all(size(one_line(name)) <= CHART_NAME for name in names) and all(size(one_line(t)) <= n for t, n in axes)


def _fits(chart: Chart) -> bool:
    counted = 1 <= len(chart.series) <= CHART_SERIES and 1 <= len(chart.categories) <= CHART_POINTS
    return counted and all(
        len(series.values) == len(chart.categories) and all(math.isfinite(value) for value in series.values)
        for series in chart.series
    )


def _series(series: Series, name: str, categories: list[str]) -> Json:
    points = [{"label": label, "value": value} for label, value in zip(categories, series.values, strict=True)]
    return {"name": name, "data": points}


def _unique(names: tuple[str, ...]) -> list[str] | None:
    short = [shorten(one_line(name), CHART_NAME) for name in names]
    return short if all(short) and len(set(short)) == len(short) else None
