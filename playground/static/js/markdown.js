// The markdown block: the part of CommonMark that Slack draws, with tables and task lists. Headings keep one size.
import { h } from "./dom.js";
import { emojiNode, textNodes } from "./emoji.js";
import { broadcast, channelPill, link, userPill } from "./pills.js";

const SPANS = [
  [/\\([\\`*_{}[\]()#+\-.!~|>])/, (m) => m[1]],
  [/`([^`]+)`/, (m) => h("code", { class: "code" }, m[1])],
  [/!\[([^\]]*)\]\(([^)\s]+)[^)]*\)/, (m) => link(m[2], m[1] || m[2])],
  [/\[([^\]]+)\]\(([^)\s]+)[^)]*\)/, (m, ctx) => link(m[2], inline(m[1], ctx))],
  [/<@([UW][A-Z0-9]+)(?:\|([^>]*))?>/, (m, ctx) => userPill(m[1], ctx, m[2])],
  [/<#([CDG][A-Z0-9]+)(?:\|([^>]*))?>/, (m, ctx) => channelPill(m[1], ctx, m[2])],
  [/<!(here|channel|everyone)>/, (m) => broadcast(m[1])],
  [/<(https?:\/\/[^>\s|]+)(?:\|([^>]*))?>/, (m) => link(m[1], m[2] || m[1])],
  [/\*\*(?=\S)([\s\S]*?\S)\*\*/, (m, ctx) => h("strong", null, inline(m[1], ctx))],
  [/(?<![\p{L}\p{N}_])__(?=\S)([\s\S]*?\S)__(?![\p{L}\p{N}_])/u, (m, ctx) => h("strong", null, inline(m[1], ctx))],
  [/~~(?=\S)([\s\S]*?\S)~~/, (m, ctx) => h("s", null, inline(m[1], ctx))],
  [/\*(?=[^\s*])([^*]*[^\s*])\*/, (m, ctx) => h("em", null, inline(m[1], ctx))],
  [/(?<![\p{L}\p{N}_])_(?=[^\s_])([^_]*[^\s_])_(?![\p{L}\p{N}_])/u, (m, ctx) => h("em", null, inline(m[1], ctx))],
  [/:([a-z0-9_+-]+):/, (m) => emojiNode(m[1]) || m[0]],
  [/https?:\/\/[^\s<>)\]]*[^\s<>)\].,;:!?'"]/, (m) => link(m[0], m[0])],
];

function entities(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Inline Markdown as nodes: the leftmost mark wins, then the rest of the text. */
function inline(text, ctx) {
  let best = null;
  for (const [pattern, draw] of SPANS) {
    const found = pattern.exec(text);
    if (found && (!best || found.index < best.found.index)) best = { found, draw };
  }
  if (!best) return textNodes(entities(text));
  const { found, draw } = best;
  const rest = text.slice(found.index + found[0].length);
  return [...textNodes(entities(text.slice(0, found.index))), draw(found, ctx), ...(rest ? inline(rest, ctx) : [])];
}

function cells(row) {
  return row
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function table(rows, ctx) {
  const [head, rule, ...body] = rows.map(cells);
  const align = rule.map((cell) => (/^:-+:$/.test(cell) ? "center" : /-:$/.test(cell) ? "right" : "left"));
  const draw = (tag, row) =>
    h(
      "tr",
      null,
      head.map((_, column) =>
        h(
          tag,
          { class: `align-${align[column] || "left"}`, scope: tag === "th" ? "col" : null },
          inline(row[column] || "", ctx),
        ),
      ),
    );
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    h(
      "table",
      { class: "table" },
      h("thead", null, draw("th", head)),
      h(
        "tbody",
        null,
        body.map((row) => draw("td", row)),
      ),
    ),
  );
}

const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;

/** Nested lists by indentation; consumes the lines it uses. */
function list(lines, ctx, depth) {
  const first = ITEM.exec(lines[0]);
  const ordered = /\d/.test(first[2]);
  const node = h(ordered ? "ol" : "ul", { class: "md-list", start: ordered ? Number.parseInt(first[2], 10) : null });
  while (lines.length) {
    const found = ITEM.exec(lines[0]);
    const indent = found ? found[1].length : /^\s*/.exec(lines[0])[0].length;
    if (indent < depth || (!found && indent === 0)) break;
    if (found && indent > depth + 1) {
      (node.lastElementChild || node).append(list(lines, ctx, indent));
      continue;
    }
    const line = lines.shift();
    if (!found) {
      node.lastElementChild?.append(" ", ...inline(line.trim(), ctx)); // a wrapped line of the same item
      continue;
    }
    const task = /^\[([ xX])\]\s+(.*)$/.exec(found[3]);
    node.append(
      h(
        "li",
        { class: task ? "task" : null },
        task &&
          h("span", {
            class: `task-box${task[1] === " " ? "" : " done"}`,
            role: "img",
            "aria-label": task[1] === " " ? "open" : "done",
          }),
        inline(task ? task[2] : found[3], ctx),
      ),
    );
  }
  return node;
}

function paragraph(lines, ctx) {
  return h(
    "p",
    null,
    lines.flatMap((line, index) => [index ? h("br") : null, ...inline(line.replace(/\s+$/, ""), ctx)]),
  );
}

const STOPS = [/^\s*$/, /^#{1,6}\s/, /^```/, /^>/, ITEM, /^(\s*[-*_]){3,}\s*$/];

function fence(lines) {
  lines.shift();
  const body = [];
  while (lines.length && !/^```/.test(lines[0])) body.push(lines.shift());
  lines.shift();
  return h("pre", { class: "pre" }, body.join("\n"));
}

function takeWhile(lines, test) {
  const taken = [];
  while (lines.length && test(lines[0])) taken.push(lines.shift());
  return taken;
}

function block(lines, ctx) {
  const line = lines[0];
  if (/^```/.test(line)) return fence(lines);
  const heading = /^(#{1,6})\s+(.*?)#*$/.exec(line);
  if (heading) {
    lines.shift();
    return h(
      "p",
      { class: "md-heading", role: "heading", "aria-level": String(heading[1].length + 2) },
      inline(heading[2], ctx),
    );
  }
  if (/^(\s*[-*_]){3,}\s*$/.test(line)) {
    lines.shift();
    return h("hr", { class: "divider" });
  }
  if (/^>/.test(line)) {
    const inner = takeWhile(lines, (text) => /^>/.test(text)).map((text) => text.replace(/^> ?/, ""));
    return h("blockquote", { class: "quote" }, blocks(inner, ctx));
  }
  if (/^\s*\|?.*\|/.test(line) && /^\s*\|?[\s:|-]*-[\s:|-]*$/.test(lines[1] || "")) {
    return table(
      takeWhile(lines, (text) => text.includes("|")),
      ctx,
    );
  }
  if (ITEM.test(line)) return list(lines, ctx, ITEM.exec(line)[1].length);
  const taken = [lines.shift(), ...takeWhile(lines, (text) => !STOPS.some((stop) => stop.test(text)))];
  return paragraph(taken, ctx);
}

function blocks(lines, ctx) {
  const out = [];
  while (lines.length) {
    if (/^\s*$/.test(lines[0])) lines.shift();
    else out.push(block(lines, ctx));
  }
  return out;
}

export function markdown(text, ctx) {
  return h("div", { class: "markdown" }, blocks(String(text ?? "").split("\n"), ctx));
}
