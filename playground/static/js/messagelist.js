// A list of messages: days between them, runs of one author joined, pinned to the newest unless somebody scrolled up.
import { dayHeading, dayKey, fromTs } from "./dates.js";
import { h, reconcile } from "./dom.js";
import { MessageView } from "./message.js";

const RUN_SECONDS = 300;

export class MessageList {
  constructor(app, { channel, inThread = false, label, id }) {
    Object.assign(this, { app, channel, inThread });
    this.views = new Map();
    this.pinned = true;
    this.inner = h("div", { class: "list-inner" });
    this.node = h(
      "div",
      {
        class: "message-list",
        id: id || null,
        role: "log",
        tabindex: "0",
        "aria-label": label,
        "aria-live": "polite",
        onScroll: () => this.scrolled(),
      },
      this.inner,
    );
    this.watch = new ResizeObserver(() => this.stick());
    this.watch.observe(this.inner);
    this.watch.observe(this.node);
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    this.pinned = scrollHeight - scrollTop - clientHeight < 60;
  }

  stick() {
    if (this.pinned) this.node.scrollTop = this.node.scrollHeight;
  }

  /** @param extra items for reconcile before the messages, by index (thread separator) */
  update(messages, between = () => null) {
    const { store } = this.app;
    const items = [];
    const used = new Map();
    let before = null;
    let day = null;
    messages.forEach((message, index) => {
      const key = dayKey(fromTs(message.ts), store.tz);
      if (key !== day && !this.inThread) items.push(this.dayItem(key, message));
      const extra = between(index);
      if (extra) items.push(extra);
      items.push(this.messageItem(message, key === day && !extra && joins(before, message), used));
      day = key;
      before = message;
    });
    this.views = used;
    reconcile(this.inner, items);
    this.stick();
  }

  dayItem(key, message) {
    const { store } = this.app;
    const text = dayHeading(fromTs(message.ts), store.now, store.tz);
    return {
      key: `day-${key}`,
      sig: text,
      render: () => h("div", { class: "day", role: "separator", "aria-label": text }, h("span", null, text)),
    };
  }

  messageItem(message, grouped, used) {
    const key = `${message.ephemeral ? "e" : "m"}-${message.ts}`;
    const view = this.views.get(key) || new MessageView(this.app, { channel: this.channel, inThread: this.inThread });
    view.update(message, grouped);
    used.set(key, view);
    return { key, sig: "kept", render: () => view.node };
  }
}

function joins(before, message) {
  if (!before || before.user !== message.user || Boolean(before.ephemeral) !== Boolean(message.ephemeral)) return false;
  if (before.reply_count || message.blocks?.length > 1) return false;
  return Math.abs(Number(message.ts) - Number(before.ts)) < RUN_SECONDS;
}
