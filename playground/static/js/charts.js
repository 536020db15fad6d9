// data_visualization: bar, line, area (always stacked) and pie as SVG, with a legend and the numbers as a table.
import { h, s, uid } from "./dom.js";

// No red, amber or green among the first: an automatic colour must not look like a project's health.
const COLOURS = [
  "#3b6fd4",
  "#8e5bc0",
  "#5aa9d6",
  "#5d6b82",
  "#c2487f",
  "#1f8a82",
  "#a3643c",
  "#6a4fb3",
  "#8a9a2b",
  "#d9822b",
  "#2f9e9e",
  "#98a2b3",
];
const HEIGHT = 270;
const WIDE = 600;
const NARROW = 340; // on a phone: fewer units across, so that the letters stay legible
const PAD = { top: 14, right: 14, bottom: 46, left: 52 };

const shown = (value) => new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 }).format(value);
const colour = (index) => COLOURS[index % COLOURS.length];

/** Round steps for an axis from low to high. */
function ticks(low, high) {
  const raw = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const out = [];
  for (let value = Math.floor(low / step) * step; value <= high + step * 0.999; value += step)
    out.push(Number(value.toFixed(10)));
  return out;
}

function valuesOf(chart) {
  const categories = chart.axis_config?.categories || (chart.series?.[0]?.data || []).map((point) => point.label);
  const series = (chart.series || []).map((one) => ({
    name: one.name,
    values: categories.map((category) => one.data.find((point) => point.label === category)?.value ?? 0),
  }));
  return { categories, series };
}

/** Values piled up per category, for stacked areas: [{name, low: [], high: []}]. */
function stack(series) {
  const sums = series[0] ? series[0].values.map(() => 0) : [];
  return series.map((one) => {
    const low = [...sums];
    one.values.forEach((value, index) => {
      sums[index] += value;
    });
    return { name: one.name, low, high: [...sums], values: one.values };
  });
}

class Axes {
  constructor(chart, categories, numbers) {
    const marks = ticks(Math.min(0, ...numbers), Math.max(0, ...numbers));
    this.marks = marks;
    this.low = marks[0];
    this.high = marks.at(-1);
    this.categories = categories;
    this.config = chart.axis_config || {};
    this.width = window.innerWidth < 760 ? NARROW : WIDE;
    this.inner = this.width - PAD.left - PAD.right;
    this.band = this.inner / Math.max(1, categories.length);
  }

  x(index) {
    return PAD.left + this.band * (index + 0.5);
  }

  y(value) {
    const height = HEIGHT - PAD.top - PAD.bottom;
    return PAD.top + height - ((value - this.low) / (this.high - this.low)) * height;
  }

  draw() {
    const every = Math.ceil(this.categories.length / Math.max(1, Math.floor(this.inner / 58)));
    const grid = this.marks.map((mark) => [
      s("line", {
        x1: PAD.left,
        x2: this.width - PAD.right,
        y1: this.y(mark),
        y2: this.y(mark),
        class: mark === 0 ? "axis" : "grid",
      }),
      s("text", { x: PAD.left - 8, y: this.y(mark) + 4, "text-anchor": "end", class: "tick" }, shown(mark)),
    ]);
    const labels = this.categories.map((category, index) =>
      index % every
        ? null
        : s(
            "text",
            { x: this.x(index), y: HEIGHT - PAD.bottom + 18, "text-anchor": "middle", class: "tick" },
            category,
          ),
    );
    return [grid, labels, this.names()];
  }

  names() {
    const middle = (HEIGHT - PAD.bottom + PAD.top) / 2;
    return [
      this.config.x_label &&
        s(
          "text",
          { x: PAD.left + this.inner / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "axis-name" },
          this.config.x_label,
        ),
      this.config.y_label &&
        s(
          "text",
          { x: 12, y: middle, "text-anchor": "middle", class: "axis-name", transform: `rotate(-90 12 ${middle})` },
          this.config.y_label,
        ),
    ];
  }
}

const tip = (text) => s("title", null, text);

function bars(axes, series) {
  const slot = (axes.band * 0.72) / series.length;
  return series.flatMap((one, at) =>
    one.values.map((value, index) => {
      const top = Math.min(axes.y(value), axes.y(0));
      return s(
        "rect",
        {
          x: axes.x(index) - axes.band * 0.36 + slot * at + 0.5,
          y: top,
          width: Math.max(1, slot - 1),
          rx: 2,
          height: Math.max(0.5, Math.abs(axes.y(value) - axes.y(0))),
          fill: colour(at),
        },
        tip(`${one.name}, ${axes.categories[index]}: ${shown(value)}`),
      );
    }),
  );
}

function lines(axes, series) {
  return series.flatMap((one, at) => [
    s("polyline", {
      points: one.values.map((value, index) => `${axes.x(index)},${axes.y(value)}`).join(" "),
      class: "line-mark",
      stroke: colour(at),
    }),
    ...one.values.map((value, index) =>
      s(
        "circle",
        { cx: axes.x(index), cy: axes.y(value), r: 3.5, fill: colour(at) },
        tip(`${one.name}, ${axes.categories[index]}: ${shown(value)}`),
      ),
    ),
  ]);
}

function areas(axes, piles) {
  return piles.map((one, at) => {
    const up = one.high.map((value, index) => `${axes.x(index)},${axes.y(value)}`);
    const down = one.low.map((value, index) => `${axes.x(index)},${axes.y(value)}`).reverse();
    return s(
      "polygon",
      { points: [...up, ...down].join(" "), fill: colour(at), class: "area-mark", stroke: colour(at) },
      tip(`${one.name}: ${one.values.map((value, index) => `${axes.categories[index]} ${shown(value)}`).join(", ")}`),
    );
  });
}

function axisChart(chart) {
  const { categories, series } = valuesOf(chart);
  const piles = chart.type === "area" ? stack(series) : null;
  const numbers = piles ? piles.flatMap((one) => [...one.low, ...one.high]) : series.flatMap((one) => one.values);
  const axes = new Axes(chart, categories, numbers);
  const marks = piles ? areas(axes, piles) : chart.type === "line" ? lines(axes, series) : bars(axes, series);
  return {
    view: `0 0 ${axes.width} ${HEIGHT}`,
    marks: [axes.draw(), marks],
    legend: series.map((one) => one.name),
    head: [chart.axis_config?.x_label || "", ...series.map((one) => one.name)],
    rows: categories.map((category, index) => [category, ...series.map((one) => shown(one.values[index]))]),
  };
}

function slice(from, to) {
  const point = (share) => [100 + 92 * Math.sin(2 * Math.PI * share), 100 - 92 * Math.cos(2 * Math.PI * share)];
  if (to - from > 0.9999) return "M100 8A92 92 0 1 1 99.99 8Z";
  const [x1, y1] = point(from);
  const [x2, y2] = point(to);
  return `M100 100L${x1} ${y1}A92 92 0 ${to - from > 0.5 ? 1 : 0} 1 ${x2} ${y2}Z`;
}

function pie(chart) {
  const segments = chart.segments || [];
  const total = segments.reduce((sum, segment) => sum + segment.value, 0) || 1;
  let at = 0;
  const share = (segment) => `${Math.round((segment.value / total) * 100)} %`;
  const marks = segments.map((segment, index) => {
    const path = slice(at / total, (at + segment.value) / total);
    at += segment.value;
    return s(
      "path",
      { d: path, fill: colour(index), class: "pie-mark" },
      tip(`${segment.label}: ${shown(segment.value)} (${share(segment)})`),
    );
  });
  return {
    view: "0 0 200 200",
    marks,
    legend: segments.map((segment) => `${segment.label}: ${shown(segment.value)} (${share(segment)})`),
    head: ["", "Value", "Share"],
    rows: segments.map((segment) => [segment.label, shown(segment.value), share(segment)]),
  };
}

function numbersTable(title, data) {
  return h(
    "details",
    { class: "chart-data" },
    h("summary", null, "Show the numbers"),
    h(
      "div",
      { class: "table-scroll" },
      h(
        "table",
        { class: "table" },
        h("caption", { class: "sr-only" }, `Numbers of: ${title}`),
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            data.head.map((cell) => h("th", { scope: "col" }, cell)),
          ),
        ),
        h(
          "tbody",
          null,
          data.rows.map((row) =>
            h(
              "tr",
              null,
              row.map((cell, column) =>
                h(
                  column ? "td" : "th",
                  { scope: column ? null : "row", class: column ? "align-right" : "align-left" },
                  cell,
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** All numbers in one sentence per row: what a screen reader hears for the picture. */
function spoken(title, type, data) {
  const rows = data.rows.map((row) =>
    row.map((cell, column) => (column && data.head[column] ? `${data.head[column]} ${cell}` : cell)).join(", "),
  );
  return `${title}. ${type} chart. ${rows.join("; ")}.`;
}

export function chart(block) {
  const spec = block.chart || {};
  const known = ["bar", "line", "area", "pie"].includes(spec.type);
  const title = typeof block.title === "string" ? block.title : block.title?.text || "Chart";
  if (!known) return h("div", { class: "unknown" }, `Unknown chart: ${spec.type}`);
  const data = spec.type === "pie" ? pie(spec) : axisChart(spec);
  const name = uid("chart");
  return h(
    "figure",
    { class: `chart chart-${spec.type}`, "aria-labelledby": name },
    h("figcaption", { class: "chart-title", id: name }, title),
    h(
      "div",
      { class: "chart-body" },
      s(
        "svg",
        { viewBox: data.view, role: "img", "aria-label": spoken(title, spec.type, data), class: "chart-svg" },
        data.marks,
      ),
      h(
        "ul",
        { class: "legend" },
        data.legend.map((text, index) =>
          h("li", null, h("i", { class: "legend-key", style: { background: colour(index) } }), text),
        ),
      ),
    ),
    numbersTable(title, data),
  );
}
