// The left column: workspace, whose eyes, channels, direct messages, the app.
import { h, icon, reconcile } from "./dom.js";
import { avatar, nameOf } from "./people.js";
import { HOME } from "./store.js";

export class Sidebar {
  constructor(root) {
    this.root = root;
    this.title = h("div", { class: "workspace" });
    this.face = h("span", { class: "who-face" });
    this.name = h("span", { class: "who-name", "aria-hidden": "true" });
    this.job = h("span", { class: "who-title", "aria-hidden": "true" });
    this.picker = h("select", {
      class: "who-select",
      "aria-label": "Look through the eyes of",
      onChange: () => this.app.become(this.picker.value),
    });
    this.sections = h("div", { class: "side-sections" });
    root.append(
      this.title,
      h(
        "div",
        { class: "who" },
        h("span", { class: "who-label", "aria-hidden": "true" }, "Looking through the eyes of"),
        h(
          "div",
          { class: "who-card" },
          this.face,
          h("span", { class: "who-words" }, this.name, this.job),
          icon("down"),
          this.picker,
        ),
      ),
      this.sections,
    );
  }

  draw(app) {
    this.app = app;
    const { state } = app.store;
    if (this.title.textContent !== state.workspace.name[0] + state.workspace.name)
      this.title.replaceChildren(
        h("span", { class: "workspace-mark", "aria-hidden": "true" }, state.workspace.name[0]),
        h("span", { class: "workspace-name" }, state.workspace.name),
      );
    this.drawPicker(app);
    const rooms = state.conversations.filter((conversation) => !conversation.is_app_dm);
    reconcile(
      this.sections,
      [
        this.section(
          "Channels",
          rooms.filter((one) => one.kind !== "im"),
          app,
        ),
        this.section(
          "Direct messages",
          rooms.filter((one) => one.kind === "im"),
          app,
        ),
        this.appSection(app),
      ].filter(Boolean),
    );
  }

  drawPicker(app) {
    const { state, me } = app.store;
    const people = state.users.filter((user) => !user.deleted && !user.is_bot && user.id !== state.app.user_id);
    const user = app.store.user(me);
    const sig = JSON.stringify(people);
    if (this.peopleSig !== sig) {
      this.peopleSig = sig;
      const option = (one) => h("option", { value: one.id }, one.title ? `${nameOf(one)}, ${one.title}` : nameOf(one));
      const group = (label, list) => (list.length ? h("optgroup", { label }, list.map(option)) : null);
      const parts = [
        group(
          "In the story",
          people.filter((one) => one.featured),
        ),
        group(
          "Everybody else",
          people.filter((one) => !one.featured),
        ),
      ];
      this.picker.replaceChildren(...parts.filter(Boolean));
    }
    if (this.picker.value !== me) this.picker.value = me;
    this.face.replaceChildren(avatar(user));
    this.name.textContent = nameOf(user);
    this.job.textContent = user?.title || "";
  }

  section(title, conversations, app) {
    if (!conversations.length) return null;
    return {
      key: title,
      sig: JSON.stringify([conversations, app.store.current, app.store.me]),
      render: () =>
        h(
          "section",
          { class: "side-section" },
          h("h2", null, title),
          h(
            "ul",
            null,
            conversations.map((conversation) => h("li", null, this.link(conversation, app))),
          ),
        ),
    };
  }

  link(conversation, app) {
    const glyph = { channel: "hash", private: "lock", im: null }[conversation.kind];
    const on = app.store.current === conversation.id;
    const unread = conversation.unread > 0 && !on;
    return h(
      "a",
      {
        class: `side-link${unread ? " unread" : ""}`,
        href: `#${app.store.me}/${conversation.id}`,
        "aria-label": conversation.name,
        "aria-current": on ? "page" : null,
        "aria-description": unread ? `${conversation.unread} unread` : null,
        onClick: (event) => {
          event.preventDefault();
          app.go(conversation.id);
        },
      },
      glyph ? icon(glyph) : this.dmFace(conversation, app),
      h("span", { class: "side-name" }, conversation.name),
      unread ? h("span", { class: "badge" }, String(conversation.unread)) : null,
    );
  }

  dmFace(conversation, app) {
    if (conversation.is_app_dm) return avatar(null, { app: true, size: "tiny" });
    const user = app.store.state.users.find(
      (one) => nameOf(one) === conversation.name || one.name === conversation.name,
    );
    return avatar(user || { id: conversation.id, name: conversation.name }, { size: "tiny" });
  }

  appSection(app) {
    const { appDm, current, me } = app.store;
    const home = current === HOME;
    return {
      key: "app",
      sig: JSON.stringify([appDm, current, me]),
      render: () =>
        h(
          "section",
          { class: "side-section" },
          h("h2", null, "App"),
          h(
            "ul",
            null,
            appDm && h("li", null, this.link(appDm, app)),
            h(
              "li",
              null,
              h(
                "a",
                {
                  class: "side-link",
                  href: `#${me}/${HOME}`,
                  "aria-label": "App Home",
                  "aria-current": home ? "page" : null,
                  onClick: (event) => {
                    event.preventDefault();
                    app.go(HOME);
                  },
                },
                icon("home"),
                h("span", { class: "side-name" }, "App Home"),
              ),
            ),
          ),
        ),
    };
  }
}
