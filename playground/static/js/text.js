// Text objects: plain_text stays literal, mrkdwn is drawn.
import { h } from "./dom.js";
import { textNodes, withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** A text object (or a bare string) as one element. */
export function textObject(text, ctx, tag = "div") {
  if (text === null || text === undefined) return null;
  if (typeof text === "string") return h(tag, { class: "plain" }, textNodes(text));
  if (text.type === "mrkdwn") return mrkdwn(text.text, ctx, { verbatim: text.verbatim, tag });
  return h(tag, { class: "plain" }, text.emoji ? withEmoji(text.text || "") : textNodes(text.text || ""));
}

/** Its words, for labels and accessible names. */
export function words(text) {
  if (text === null || text === undefined) return "";
  const raw = typeof text === "string" ? text : text.text || "";
  return typeof text === "object" && text.type === "mrkdwn" ? raw.replace(/[*_~`]/g, "") : raw;
}
