// One message: author, time, blocks or text, files, marks, thread line.
import { blockItems, named } from "./blocks.js";
import { dayHeading, dayOf, fromTs, timeOf } from "./dates.js";
import { h, icon, reconcile } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, nameOf } from "./people.js";

function fileNode(file) {
  if ((file.mimetype || "").startsWith("image/")) {
    return h(
      "figure",
      { class: "file-image" },
      h("figcaption", null, file.name),
      h(
        "a",
        { href: file.url, target: "_blank", rel: "noopener", "aria-label": `Open ${file.name}` },
        h("img", { src: file.url, alt: file.title || file.name, class: "picture picture-large" }),
      ),
    );
  }
  const kind = /\.([a-z0-9]{1,5})$/i.exec(file.name)?.[1]?.toUpperCase() || "File";
  return h(
    "div",
    { class: "file" },
    h("span", { class: "file-icon" }, icon("file")),
    h(
      "span",
      { class: "file-words" },
      h("span", { class: "file-name" }, file.name),
      h("span", { class: "file-kind" }, kind),
    ),
    h(
      "a",
      { class: "icon-btn bordered", href: file.url, download: file.name, "aria-label": `Download ${file.name}` },
      icon("download"),
    ),
  );
}

/** Legacy attachments: a coloured bar with text or blocks. */
function attachmentNode(attachment, ctx) {
  const items = named(attachment.blocks).map((block) => blockItems([block], ctx)[0].render());
  return h(
    "div",
    {
      class: "attachment",
      style: { "--bar": attachment.color ? `#${attachment.color.replace("#", "")}` : "var(--line-strong)" },
    },
    items.length ? items : mrkdwn(attachment.text || attachment.fallback || "", ctx),
  );
}

function lastReply(when, now, tz) {
  const day = dayHeading(when, now, tz);
  const near = day === "Today" || day === "Yesterday";
  return `last ${near ? day.toLowerCase() : day} ${timeOf(when, tz)}`;
}

export class MessageView {
  constructor(app, { channel, inThread }) {
    Object.assign(this, { app, channel, inThread, error: null });
    this.face = h("div", { class: "msg-face" });
    this.head = h("div", { class: "msg-head" });
    this.body = h("div", { class: "msg-body" });
    this.foot = h("div", { class: "msg-foot" });
    this.node = h(
      "article",
      { class: "msg" },
      this.face,
      h("div", { class: "msg-main" }, this.head, this.body, this.foot),
    );
  }

  update(message, grouped) {
    const { app } = this;
    const { store } = app;
    this.message = message;
    const files = message.files || [];
    const form = store.form(`${store.me}|${this.channel}|${message.ts}`);
    const blocks = named(message.blocks);
    form.bind(blocks);
    const container = { type: "message", channel: this.channel, ts: message.ts };
    this.ctx = app.context({ form, container, files, onError: (error) => this.trouble(error) });
    this.node.dataset.ts = message.ts;
    this.node.classList.toggle("grouped", Boolean(grouped));
    this.node.classList.toggle("ephemeral", Boolean(message.ephemeral));
    this.drawHead(message, grouped);
    reconcile(this.body, this.items(message, blocks, files));
    this.drawFoot(message);
    return this;
  }

  items(message, blocks, files) {
    const { ctx } = this;
    const text = {
      key: "text",
      sig: JSON.stringify([message.text, ctx.salt]),
      render: () => mrkdwn(message.text, ctx),
    };
    const shown = blocks.length ? blockItems(blocks, ctx) : message.text ? [text] : [];
    const attached = (message.attachments || []).map((one, index) => ({
      key: `attachment-${index}`,
      sig: JSON.stringify([one, ctx.salt]),
      render: () => attachmentNode(one, ctx),
    }));
    const own = files.map((file) => ({
      key: `file-${file.id}`,
      sig: JSON.stringify(file),
      render: () => fileNode(file),
    }));
    const edited = message.edited
      ? [{ key: "edited", sig: "edited", render: () => h("span", { class: "edited" }, "(edited)") }]
      : [];
    return [...shown, ...attached, ...own, ...edited];
  }

  drawHead(message, grouped) {
    const { store } = this.app;
    const isApp = !message.user || message.user === store.app.user_id;
    const user = store.user(message.user);
    const when = fromTs(message.ts);
    const sig = JSON.stringify([message.user, message.ephemeral, grouped, user, store.tz]);
    if (this.headSig === sig) return;
    this.headSig = sig;
    const name = isApp ? store.app.name : nameOf(user);
    const time = h(
      "time",
      { class: "msg-time", datetime: when.toISOString(), title: `${dayOf(when, store.tz)}, ${timeOf(when, store.tz)}` },
      timeOf(when, store.tz),
    );
    this.node.setAttribute("aria-label", `${name}, ${timeOf(when, store.tz)}`);
    this.face.replaceChildren(grouped ? time : avatar(user, { app: isApp }));
    this.head.replaceChildren(
      ...[
        message.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
        !grouped &&
          h(
            "div",
            { class: "msg-author" },
            h("span", { class: "msg-name" }, name),
            isApp && h("span", { class: "app-mark" }, "App"),
            time,
          ),
      ].filter(Boolean),
    );
  }

  drawFoot(message) {
    const { app } = this;
    const count = message.reply_count || message.replies?.length || 0;
    const last = message.replies?.at(-1);
    const { tz, now } = app.store;
    const sig = JSON.stringify([count, last?.ts, this.error, message.ephemeral, tz, this.ctx.salt]);
    if (sig === this.footSig) return; // a redraw between press and release would lose the click
    this.footSig = sig;
    const line =
      count && !this.inThread
        ? h(
            "button",
            { type: "button", class: "replies", onClick: () => app.openThread(message.ts) },
            [...new Set((message.replies || []).map((reply) => reply.user))]
              .slice(0, 3)
              .map((id) => avatar(app.store.user(id), { app: !id || id === app.store.app.user_id, size: "tiny" })),
            h("span", { class: "replies-count" }, count === 1 ? "1 reply" : `${count} replies`),
            last && h("span", { class: "replies-last" }, lastReply(fromTs(last.ts), now, tz)),
          )
        : null;
    const start =
      !count && !this.inThread && !message.ephemeral
        ? h(
            "button",
            {
              type: "button",
              class: "reply-start",
              "aria-label": "Reply in thread",
              title: "Reply in thread",
              onClick: () => app.openThread(message.ts),
            },
            icon("chat"),
          )
        : null;
    const trouble = this.error && h("p", { class: "field-error", role: "alert" }, icon("error"), this.error);
    this.foot.replaceChildren(...[trouble, line, start].filter(Boolean));
  }

  trouble(error) {
    this.error = error;
    this.drawFoot(this.message);
  }
}
