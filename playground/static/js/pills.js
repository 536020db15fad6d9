// Mentions, links, tags: the small inline marks shared by mrkdwn, rich_text and markdown.
import { h, toast } from "./dom.js";

export function userPill(id, ctx, label) {
  const user = ctx.user(id);
  const name = user ? user.real_name || user.name : label || id;
  const mine = user && user.id === ctx.me();
  return h(
    "span",
    { class: `mention${mine ? " mention-me" : ""}`, title: user?.title || null },
    `@${name.replace(/^@/, "")}`,
  );
}

export function channelPill(id, ctx, label) {
  const channel = ctx.conversation(id);
  const name = (channel ? channel.name : label || id).replace(/^#/, "");
  if (!channel) return h("span", { class: "mention" }, `#${name}`);
  return h(
    "a",
    {
      class: "mention",
      href: `#${id}`,
      onClick: (event) => {
        event.preventDefault();
        ctx.openConversation(id);
      },
    },
    `#${name}`,
  );
}

/** A mention that rings everybody: drawn so that nobody overlooks it. */
export function broadcast(range) {
  return h("span", { class: "broadcast", title: `Notifies everybody (@${range})` }, `@${range}`);
}

const TAGS = new Set(["gray", "brown", "purple", "indigo", "blue", "green", "yellow", "orange", "red"]);

export function tag(text, colour) {
  return h("span", { class: `tag tag-${TAGS.has(colour) ? colour : "gray"}` }, text);
}

export function safeUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:", "mailto:", "tel:"].includes(parsed.protocol) ? parsed : null;
  } catch (error) {
    if (error instanceof TypeError) return null; // not an address
    throw error;
  }
}

/** Addresses of this server open; others are only named, because this page reaches nothing outside. */
export function visit(url) {
  const parsed = safeUrl(url);
  if (parsed && parsed.origin === location.origin) window.open(parsed.href, "_blank", "noopener");
  else toast(`In Slack this opens ${url}. This local page opens nothing outside.`);
}

export function link(url, text) {
  const parsed = safeUrl(url);
  if (!parsed) return h("span", { class: "link-bad" }, text);
  const inside = parsed.origin === location.origin;
  return h(
    "a",
    {
      class: "link",
      href: parsed.href,
      target: "_blank",
      rel: "noopener noreferrer",
      title: inside ? null : parsed.href,
      onClick: (event) => {
        if (inside) return;
        event.preventDefault();
        visit(parsed.href);
      },
    },
    text,
  );
}
