// rich_text blocks: sections, lists with indent, quotes, preformatted text and their inline elements.
import { h } from "./dom.js";
import { emojiNode, textNodes } from "./emoji.js";
import { slackDate } from "./dates.js";
import { broadcast, channelPill, link, tag, userPill } from "./pills.js";

function wrap(node, style) {
  if (!style) return node;
  let out = node;
  if (style.code) out = h("code", { class: "code" }, out);
  if (style.strike) out = h("s", null, out);
  if (style.underline) out = h("u", null, out);
  if (style.italic) out = h("em", null, out);
  if (style.bold) out = h("strong", null, out);
  if (style.highlight || style.client_highlight) out = h("mark", null, out);
  return out;
}

function dateNode(item, ctx) {
  const text = slackDate(item.timestamp, item.format || "{date_long}", ctx.now(), ctx.tz()) || item.fallback || "";
  const node = h("time", { class: "date-mark", datetime: new Date(Number(item.timestamp) * 1000).toISOString() }, text);
  return item.url ? link(item.url, node) : node;
}

const INLINE = {
  text: (item) => h("span", null, textNodes(item.text || "")),
  link: (item) => link(item.url, item.text || item.url),
  user: (item, ctx) => userPill(item.user_id, ctx),
  channel: (item, ctx) => channelPill(item.channel_id, ctx),
  usergroup: (item) => h("span", { class: "mention" }, `@${item.usergroup_id}`),
  emoji: (item) => emojiNode(item.name, item.unicode) || `:${item.name}:`,
  date: dateNode,
  broadcast: (item) => broadcast(item.range),
  color: (item) =>
    h("span", { class: "swatch-text" }, h("i", { class: "swatch", style: { background: item.value } }), item.value),
  tag: (item) => tag(item.text, item.color),
};

function inline(item, ctx) {
  const draw = INLINE[item.type];
  if (!draw) return h("span", { class: "unknown-inline" }, `[${item.type}]`);
  return wrap(draw(item, ctx), item.style);
}

export function inlines(items, ctx) {
  return (items || []).map((item) => inline(item, ctx));
}

function list(item, ctx) {
  const ordered = item.style === "ordered";
  const indent = Math.min(item.indent || 0, 8);
  return h(
    ordered ? "ol" : "ul",
    {
      class: `rt-list indent-${indent % 3}${item.border ? " rt-border" : ""}`,
      start: ordered && item.offset ? item.offset + 1 : null,
      style: { "--indent": String(indent) },
    },
    (item.elements || []).map((entry) => h("li", null, inlines(entry.elements, ctx))),
  );
}

const PARTS = {
  rich_text_section: (item, ctx) => h("div", { class: "rt-section" }, inlines(item.elements, ctx)),
  rich_text_list: list,
  rich_text_quote: (item, ctx) => h("blockquote", { class: "quote rt-section" }, inlines(item.elements, ctx)),
  rich_text_preformatted: (item, ctx) => h("pre", { class: "pre" }, inlines(item.elements, ctx)),
};

/** A rich_text block (also used for table cells and container titles). */
export function richText(block, ctx) {
  const parts = block.elements || [];
  return h(
    "div",
    { class: "rich-text" },
    parts.map((part) => {
      const draw = PARTS[part.type];
      return draw ? draw(part, ctx) : inline(part, ctx);
    }),
  );
}

/** The plain words of a rich_text block: for sorting, filtering and accessible names. */
export function richPlain(node, ctx) {
  if (Array.isArray(node)) return node.map((item) => richPlain(item, ctx)).join("");
  if (!node || typeof node !== "object") return "";
  if (node.type === "user") return `@${ctx.user(node.user_id)?.real_name || node.user_id}`;
  if (node.type === "channel") return `#${ctx.conversation(node.channel_id)?.name || node.channel_id}`;
  if (node.type === "emoji") return node.name;
  if (node.type === "date")
    return slackDate(node.timestamp, node.format || "", ctx.now(), ctx.tz()) || node.fallback || "";
  if (node.elements) return richPlain(node.elements, ctx);
  return node.text || node.url || "";
}
