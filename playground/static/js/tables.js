// The table block (as sent) and the data_table block (sorting, filter and pages built in).
import { h, icon, uid } from "./dom.js";
import { drawElement } from "./elements.js";
import { richPlain, richText } from "./richtext.js";
import { words } from "./text.js";

const SHORT = 16; // characters

/** The plain words of a cell: what sorting, filtering and screen readers go by. */
function cellText(cell, ctx) {
  if (!cell) return "";
  if (cell.type === "rich_text") return richPlain(cell, ctx);
  if (cell.type === "action_cell") return cellText(cell.fallback, ctx) || words(cell.element?.text);
  return cell.text ?? (cell.value === undefined ? "" : String(cell.value));
}

function cellBody(cell, block, ctx) {
  if (!cell) return "";
  if (cell.type === "rich_text") return richText(cell, ctx);
  if (cell.type === "action_cell")
    return cell.element ? drawElement(cell.element, block, ctx) : cellText(cell.fallback, ctx);
  if (cell.type === "raw_text" || cell.type === "raw_number") return cellText(cell, ctx);
  return h("span", { class: "unknown-inline" }, `[${cell.type}]`);
}

/** Dates, names and numbers stay on one line; sentences wrap. */
function short(cell, ctx) {
  return cellText(cell, ctx).length <= SHORT ? " short" : "";
}

function scroller(label, node) {
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, node);
}

export function table(block, ctx) {
  const [head, ...body] = block.rows || [];
  const look = (column, cell) => {
    const setting = block.column_settings?.[column];
    const align = setting?.align || (cell?.type === "raw_number" ? "right" : "left");
    return `align-${align}${setting?.is_wrapped ? " wrapped" : ""}`;
  };
  const row = (cells, tag) =>
    h(
      "tr",
      null,
      cells.map((cell, column) =>
        h(tag, { class: look(column, cell), scope: tag === "th" ? "col" : null }, cellBody(cell, block, ctx)),
      ),
    );
  return scroller(
    "Table",
    h(
      "table",
      { class: "table" },
      h("thead", null, head ? row(head, "th") : null),
      h(
        "tbody",
        null,
        body.map((cells) => row(cells, "td")),
      ),
    ),
  );
}

function compare(one, other, ctx) {
  if (one?.type === "raw_number" && other?.type === "raw_number") return one.value - other.value;
  return cellText(one, ctx).localeCompare(cellText(other, ctx), "en", { numeric: true, sensitivity: "base" });
}

/** Sorting, filter and page of one data_table; a new state is a new draw of the body. */
class DataTable {
  constructor(block, ctx) {
    this.block = block;
    this.ctx = ctx;
    [this.head, ...this.rows] = block.rows || [[]];
    this.size = block.page_size || 5;
    this.rowHead = block.row_header_column_index ?? 0;
    this.page = 0;
    this.sort = null;
    this.query = "";
    this.body = h("tbody");
    this.foot = h("div", { class: "table-foot" });
    this.heads = this.head.map((cell, column) => this.headCell(cell, column));
  }

  isNumber(column) {
    return (
      this.rows.some((row) => row[column]?.type === "raw_number") &&
      this.rows.every((row) => row[column]?.type === "raw_number" || /^[–-]?$/.test(cellText(row[column], this.ctx)))
    );
  }

  headCell(cell, column) {
    const press = () => {
      const down = this.sort?.column === column && this.sort.way === 1;
      this.sort = { column, way: down ? -1 : 1 };
      this.page = 0;
      this.draw();
    };
    return h(
      "th",
      { scope: "col", "aria-sort": "none", class: this.isNumber(column) ? "align-right" : "align-left" },
      h(
        "button",
        { type: "button", class: "sort", onClick: press },
        cellText(cell, this.ctx),
        h("span", { class: "sort-mark", "aria-hidden": "true" }),
      ),
    );
  }

  visible() {
    const needle = this.query.toLocaleLowerCase();
    const hits = this.rows.filter(
      (row) => !needle || row.some((cell) => cellText(cell, this.ctx).toLocaleLowerCase().includes(needle)),
    );
    if (!this.sort) return hits;
    const { column, way } = this.sort;
    return [...hits].sort((one, other) => way * compare(one[column], other[column], this.ctx));
  }

  row(cells) {
    return h(
      "tr",
      null,
      cells.map((cell, column) => {
        const head = column === this.rowHead;
        const right = cell?.type === "raw_number" || this.isNumber(column);
        return h(
          head ? "th" : "td",
          { scope: head ? "row" : null, class: `${right ? "align-right" : "align-left"}${short(cell, this.ctx)}` },
          cellBody(cell, this.block, this.ctx),
        );
      }),
    );
  }

  turn(way) {
    this.page += way;
    this.draw();
  }

  draw() {
    const rows = this.visible();
    const pages = Math.max(1, Math.ceil(rows.length / this.size));
    this.page = Math.min(this.page, pages - 1);
    const from = this.page * this.size;
    const shown = rows.slice(from, from + this.size);
    this.body.replaceChildren(
      ...(shown.length
        ? shown.map((row) => this.row(row))
        : [h("tr", null, h("td", { colspan: this.head.length, class: "table-empty" }, "No row matches the filter."))]),
    );
    this.heads.forEach((cell, column) =>
      cell.setAttribute(
        "aria-sort",
        this.sort?.column === column ? (this.sort.way === 1 ? "ascending" : "descending") : "none",
      ),
    );
    this.pager(rows.length, from, shown.length, pages);
  }

  pager(total, from, count, pages) {
    const button = (label, name, way, off) =>
      h(
        "button",
        {
          type: "button",
          class: "icon-btn bordered",
          "aria-label": label,
          disabled: off,
          onClick: () => this.turn(way),
        },
        icon(name),
      );
    const text = total ? `${from + 1}–${from + count} of ${total}` : "0 rows";
    this.foot.hidden = this.rows.length <= this.size;
    this.foot.replaceChildren(
      h("span", { role: "status" }, text),
      button("Previous page", "left", -1, this.page === 0),
      button("Next page", "right", 1, this.page >= pages - 1),
    );
  }

  filterBox() {
    if (this.rows.length <= this.size) return null;
    const field = h("input", {
      class: "field table-filter",
      type: "search",
      placeholder: "Filter",
      "aria-label": `Filter ${this.block.caption || "table"}`,
      onInput: () => {
        this.query = field.value.trim();
        this.page = 0;
        this.draw();
      },
    });
    return field;
  }

  node() {
    const caption = words(this.block.caption);
    const name = uid("caption");
    this.draw();
    return h(
      "div",
      { class: "data-table" },
      h(
        "div",
        { class: "table-head" },
        h("span", { class: "table-caption", id: name, "aria-hidden": "true" }, caption),
        this.filterBox(),
      ),
      scroller(
        caption,
        h(
          "table",
          { class: "table" },
          h("caption", { class: "sr-only" }, caption),
          h("thead", null, h("tr", null, this.heads)),
          this.body,
        ),
      ),
      this.foot,
    );
  }
}

export function dataTable(block, ctx) {
  return new DataTable(block, ctx).node();
}
