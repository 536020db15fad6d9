// The main pane (a conversation or the app's home) and the thread pane beside it.
import { blockItems, named } from "./blocks.js";
import { Composer } from "./composer.js";
import { h, icon, reconcile, toast } from "./dom.js";
import { MessageList } from "./messagelist.js";
import { avatar } from "./people.js";
import { HOME } from "./store.js";

function title(conversation) {
  return conversation.kind === "im" ? conversation.name : `#${conversation.name}`;
}

export class MainPane {
  constructor(root) {
    this.root = root;
    this.header = h("header", { class: "pane-head" });
    this.body = h("div", { class: "pane-body" });
    root.append(this.header, this.body);
  }

  draw(app) {
    const { store } = app;
    if (!this.composer) this.composer = new Composer(app, { label: "Message" });
    const place = `${store.me}|${store.current}`;
    if (place !== this.place) {
      this.place = place;
      this.list = null;
    }
    this.drawHeader(app);
    if (store.current === HOME) this.drawHome(app);
    else this.drawConversation(app);
  }

  drawHeader(app) {
    const { store } = app;
    const conversation = store.conversation(store.current);
    const ofApp = store.current === HOME || conversation?.is_app_dm;
    const sig = JSON.stringify([store.current, conversation?.name, store.me, store.app.name]);
    if (sig === this.headSig) return;
    this.headSig = sig;
    const glyph = ofApp
      ? avatar(null, { app: true, size: "small" })
      : conversation && conversation.kind !== "im"
        ? icon(conversation.kind === "private" ? "lock" : "hash")
        : null;
    const name = ofApp ? store.app.name : conversation?.name || "";
    this.header.replaceChildren(
      ...[glyph, h("h1", { class: "pane-title" }, name), ofApp && this.tabs(app)].filter(Boolean),
    );
  }

  tabs(app) {
    const { store } = app;
    const dm = store.appDm;
    const tab = (label, place) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          class: "tab",
          "aria-selected": String(store.current === place),
          onClick: () => app.go(place),
        },
        label,
      );
    return h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": store.app.name },
      dm && tab("Messages", dm.id),
      tab("Home", HOME),
    );
  }

  drawConversation(app) {
    const { store } = app;
    const conversation = store.conversation(store.current);
    const messages = store.list();
    if (!this.list) {
      this.list = new MessageList(app, { channel: store.current, label: "Messages", id: "message-list" });
      this.foot = h("div", { class: "pane-foot" });
      this.empty = h("div", { class: "empty" });
      this.body.replaceChildren(this.list.node, this.empty, this.foot);
    }
    this.composer.aim(store.current, conversation ? `Message ${title(conversation)}` : "Message");
    const may = !conversation || conversation.member !== false;
    const outside =
      this.outside ||
      (this.outside = h("p", { class: "not-member" }, "You are not in this channel, so you can read but not write."));
    const wanted = may ? this.composer.node : outside;
    if (this.foot.firstChild !== wanted) this.foot.replaceChildren(wanted);
    this.drawEmpty(messages, conversation, store);
    this.list.update(messages || []);
  }

  drawEmpty(messages, conversation, store) {
    this.empty.hidden = messages !== null && messages.length > 0;
    this.list.node.classList.toggle("is-empty", !this.empty.hidden);
    const hint = store.app.commands[0];
    const words =
      messages === null
        ? ""
        : conversation?.is_app_dm
          ? `Nothing from ${store.app.name} yet. ${hint ? `Try ${hint.command}, or move the clock.` : "Move the clock."}`
          : "Nothing here yet.";
    if (this.empty.textContent !== words) this.empty.textContent = words;
  }

  drawHome(app) {
    const { store } = app;
    const view = store.homes.get(store.me);
    if (!this.list) {
      this.list = h("div", { class: "home-inner" });
      this.body.replaceChildren(
        h("div", { class: "home", tabindex: "0", role: "region", "aria-label": "App Home" }, this.list),
      );
    }
    if (!view) {
      const words = view === null ? `${store.app.name} has not published a home for you yet.` : "";
      reconcile(this.list, [{ key: "empty", sig: words, render: () => h("p", { class: "empty" }, words) }]);
      return;
    }
    const blocks = named(view.blocks);
    const form = store.form(view.id);
    form.bind(blocks);
    const ctx = app.context({
      form,
      container: { type: "view", view_id: view.id },
      onError: (error) => error && toast(error, "error"),
    });
    reconcile(this.list, blockItems(blocks, ctx));
  }
}

export class ThreadPane {
  constructor(root) {
    this.root = root;
  }

  draw(app) {
    const { store } = app;
    const parent = store.thread && store.parent();
    this.root.hidden = !parent;
    document.body.classList.toggle("thread-open", Boolean(parent));
    if (!parent) {
      this.key = null;
      return;
    }
    const key = `${store.me}|${store.current}|${store.thread}`;
    if (key !== this.key) this.build(app, key);
    const conversation = store.conversation(store.current);
    this.where.textContent = conversation ? title(conversation) : "";
    this.composer.aim(store.current, "Reply");
    const replies = parent.replies || [];
    const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
    this.list.update([parent, ...replies], (index) =>
      index === 1
        ? {
            key: "count",
            sig: count,
            render: () => h("div", { class: "day", role: "separator", "aria-label": count }, h("span", null, count)),
          }
        : null,
    );
  }

  build(app, key) {
    this.key = key;
    this.list = new MessageList(app, { channel: app.store.current, inThread: true, label: "Thread" });
    this.list.pinned = false;
    this.composer = new Composer(app, { label: "Reply", threadTs: app.store.thread });
    this.where = h("span", { class: "thread-where" });
    this.root.replaceChildren(
      h(
        "header",
        { class: "pane-head" },
        h("h2", { class: "pane-title" }, "Thread"),
        this.where,
        h(
          "button",
          { type: "button", class: "icon-btn", "aria-label": "Close thread", onClick: () => app.closeThread() },
          icon("close"),
        ),
      ),
      h("div", { class: "pane-body" }, this.list.node, h("div", { class: "pane-foot" }, this.composer.node)),
    );
  }

  focus() {
    this.composer?.field.focus({ preventScroll: true });
  }
}
