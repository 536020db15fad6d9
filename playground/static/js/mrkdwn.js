// Slack's mrkdwn: *bold* _italic_ ~strike~ `code` ```pre``` > quote, <angle> references and the three escapes.
import { h } from "./dom.js";
import { emojiNode, textNodes } from "./emoji.js";
import { slackDate } from "./dates.js";
import { broadcast, channelPill, link, userPill } from "./pills.js";

const OPEN = "\uE000";
const SHUT = "\uE001";

export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function dateNode(body, label, ctx) {
  const [, seconds, pattern, target] = body.split("^");
  const text = slackDate(seconds, pattern || "", ctx.now(), ctx.tz()) || unescape(label || "");
  const node = h("time", { class: "date-mark", datetime: new Date(Number(seconds) * 1000).toISOString() }, text);
  return target ? link(target, node) : node;
}

/** What stands between < and >: a mention, a channel, a date, a broadcast or a link. */
function reference(inner, ctx) {
  const bar = inner.indexOf("|");
  const body = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : inner.slice(bar + 1);
  if (body.startsWith("@")) return userPill(body.slice(1), ctx, unescape(label));
  if (body.startsWith("#")) return channelPill(body.slice(1), ctx, unescape(label));
  if (body.startsWith("!date^")) return dateNode(body, label, ctx);
  if (/^!(here|channel|everyone)$/.test(body)) return broadcast(body.slice(1));
  if (body.startsWith("!subteam^")) return h("span", { class: "mention" }, unescape(label) || "@group");
  if (body.startsWith("!")) return h("span", { class: "mention" }, unescape(label || body));
  if (/^(https?:|mailto:|tel:|\/)/.test(body))
    return link(unescape(body), unescape(label) || unescape(body).replace(/^mailto:/, ""));
  return `<${unescape(inner)}>`;
}

/** Pull code, references, emoji and bare links out of the text, so that style marks inside them stay literal. */
function extract(text, atoms, ctx, verbatim) {
  const keep = (node) => {
    atoms.push(node);
    return `${OPEN}${atoms.length - 1}${SHUT}`;
  };
  const bare = verbatim ? "" : "|(https?:\\/\\/[^\\s<>|]+[^\\s<>|.,;:!?)\\]'\"])";
  const pattern = new RegExp("`([^`\\n]+)`|<([^<>\\n]+)>|:([a-z0-9_+-]+):" + bare, "g");
  return text.replace(pattern, (whole, code, ref, emoji, url) => {
    if (code !== undefined) return keep(h("code", { class: "code" }, unescape(code)));
    if (ref !== undefined) return keep(reference(ref, ctx));
    if (url !== undefined) return keep(link(unescape(url), unescape(url)));
    const node = emojiNode(emoji);
    return node ? keep(node) : whole;
  });
}

const STYLES = [
  ["*", "strong"],
  ["_", "em"],
  ["~", "s"],
];

function styled(text, atoms) {
  for (const [mark, tag] of STYLES) {
    const m = mark === "*" ? "\\*" : mark;
    const found = new RegExp(
      `(^|[^\\p{L}\\p{N}${m}])${m}(?![\\s${m}])([^${m}\\n]*[^\\s${m}])${m}(?![\\p{L}\\p{N}${m}])`,
      "u",
    ).exec(text);
    if (!found) continue;
    const start = found.index + found[1].length;
    const end = found.index + found[0].length;
    return [
      ...styled(text.slice(0, start), atoms),
      h(tag, null, styled(found[2], atoms)),
      ...styled(text.slice(end), atoms),
    ];
  }
  return text
    .split(/(\uE000\d+\uE001)/)
    .filter((part) => part !== "")
    .flatMap((part) => {
      const atom = /^\uE000(\d+)\uE001$/.exec(part);
      return atom ? [atoms[Number(atom[1])]] : textNodes(unescape(part));
    });
}

/** One paragraph of mrkdwn (no quotes, no pre) as nodes. */
function inline(text, ctx, verbatim) {
  const atoms = [];
  const bare = text.replace(/[\uE000\uE001]/g, "");
  return styled(extract(bare, atoms, ctx, verbatim), atoms).flat(Infinity);
}

function flushLines(lines, ctx, verbatim) {
  const text = lines.join("\n");
  return text === "" ? [] : [h("span", { class: "line" }, inline(text, ctx, verbatim))];
}

/** Lines with quotes taken out as <blockquote>. */
function lines(text, ctx, verbatim) {
  const out = [];
  let plain = [];
  let quoted = [];
  const endQuote = () => {
    if (quoted.length) out.push(h("blockquote", { class: "quote" }, flushLines(quoted, ctx, verbatim)));
    quoted = [];
  };
  const endPlain = () => {
    if (plain.length) out.push(...flushLines(plain, ctx, verbatim));
    plain = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote) {
      endPlain();
      quoted.push(quote[1]);
    } else {
      endQuote();
      plain.push(line);
    }
  }
  endQuote();
  endPlain();
  return out;
}

/** A whole mrkdwn text as one element. */
export function mrkdwn(text, ctx, { verbatim = false, tag = "div" } = {}) {
  const parts = String(text ?? "").split(/```\n?([\s\S]+?)\n?```/);
  const children = parts.flatMap((part, index) => {
    if (index % 2) return [h("pre", { class: "pre" }, unescape(part))];
    const trimmed = part.replace(index > 0 ? /^\n/ : /^$/, "").replace(index < parts.length - 1 ? /\n$/ : /$^/, "");
    return trimmed === "" ? [] : lines(trimmed, ctx, verbatim);
  });
  return h(tag, { class: "mrkdwn" }, children);
}
