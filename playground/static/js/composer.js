// The box to write in, with the list of slash commands and people.
import { h, icon, uid } from "./dom.js";
import { nameOf } from "./people.js";
import { place } from "./popup.js";

export class Composer {
  constructor(app, { label, threadTs = null }) {
    Object.assign(this, { app, threadTs, label, active: 0, hits: [] });
    this.listId = uid("hints");
    this.error = h("p", { class: "field-error composer-error", role: "alert", hidden: true });
    this.field = h("textarea", {
      class: "composer-field",
      rows: "1",
      "aria-label": label,
      "aria-autocomplete": "list",
      "aria-controls": this.listId,
      autocomplete: "off",
      "data-field": `composer/${label}`,
      onInput: () => this.typed(),
      onKeydown: (event) => this.key(event),
      onBlur: () => this.hide(),
    });
    this.hint = h("span", { class: "composer-hint" });
    this.button = h(
      "button",
      {
        type: "button",
        class: "icon-btn send",
        "aria-label": threadTs ? "Send reply" : "Send",
        onClick: () => this.send(),
      },
      icon("send"),
    );
    this.box = h(
      "div",
      { class: "composer-box" },
      this.field,
      h("div", { class: "composer-foot" }, this.hint, this.button),
    );
    this.node = h("div", { class: "composer" }, this.error, this.box);
  }

  get draftKey() {
    return `${this.app.store.me}|${this.channel}|${this.threadTs}`;
  }

  /** Show the composer for a conversation, with what was typed there before. */
  aim(channel, placeholder) {
    const key = `${this.app.store.me}|${channel}`;
    this.field.placeholder = placeholder;
    if (this.key_ === key) return;
    this.key_ = key;
    this.channel = channel;
    this.field.value = this.app.store.drafts.get(this.draftKey) || "";
    this.fail(null);
    this.typed(false);
  }

  fail(text) {
    this.error.hidden = !text;
    this.error.replaceChildren(...(text ? [icon("error"), text] : []));
  }

  typed(suggest = true) {
    const { value } = this.field;
    this.app.store.drafts.set(this.draftKey, value);
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 200)}px`;
    this.button.disabled = !value.trim();
    const command = this.command(value);
    this.hint.textContent = command
      ? `${command.command} ${command.usage_hint || ""}`.trim()
      : this.field === document.activeElement && value
        ? "Enter to send, Shift+Enter for a new line"
        : "";
    if (suggest) this.suggest();
  }

  command(text) {
    const word = /^\/\S+/.exec(text)?.[0];
    return word ? this.app.store.app.commands.find((one) => one.command === word) : null;
  }

  // Suggestions

  suggest() {
    const upto = this.field.value.slice(0, this.field.selectionStart);
    const slash = /^\/\S*$/.exec(upto);
    const at = /(?:^|\s)@([\p{L}\p{N}._-]*)$/u.exec(upto);
    this.hits = slash ? this.commandHits(slash[0]) : at && !upto.startsWith("/") ? this.peopleHits(at[1]) : [];
    if (this.hits.length) this.show();
    else this.hide();
  }

  commandHits(typed) {
    return this.app.store.app.commands
      .filter((one) => one.command.startsWith(typed))
      .map((one) => ({
        text: one.command,
        usage: one.usage_hint || "",
        note: one.description || "",
        insert: `${one.command} `,
        from: 0,
      }));
  }

  peopleHits(typed) {
    const needle = typed.toLocaleLowerCase();
    const from = this.field.selectionStart - typed.length - 1;
    return this.app.store.state.users
      .filter((user) => !user.deleted && `${user.name} ${nameOf(user)}`.toLocaleLowerCase().includes(needle))
      .slice(0, 8)
      .map((user) => ({
        text: nameOf(user),
        usage: "",
        note: user.title || `@${user.name}`,
        insert: `@${user.name} `,
        from,
      }));
  }

  show() {
    this.hide();
    this.active = 0;
    this.list = h(
      "div",
      {
        class: "popup listbox hints",
        role: "listbox",
        id: this.listId,
        "aria-label": "Suggestions",
        onPointerdown: (event) => event.preventDefault(),
      },
      this.hits.map((hit, index) =>
        h(
          "div",
          {
            class: "option",
            role: "option",
            id: `${this.listId}-${index}`,
            "aria-selected": "false",
            "aria-label": hit.text,
            onClick: () => this.take(hit),
          },
          h(
            "span",
            { class: "option-text" },
            h("span", null, h("strong", null, hit.text), hit.usage && h("span", { class: "usage" }, ` ${hit.usage}`)),
            hit.note && h("span", { class: "option-note" }, hit.note),
          ),
        ),
      ),
    );
    document.body.append(this.list);
    place(this.list, this.box, { above: true });
    this.mark(0);
  }

  hide() {
    this.list?.remove();
    this.list = null;
    this.field.removeAttribute("aria-activedescendant");
  }

  mark(index) {
    this.active = (index + this.hits.length) % this.hits.length;
    [...this.list.children].forEach((node, at) => {
      node.classList.toggle("active", at === this.active);
      node.setAttribute("aria-selected", String(at === this.active));
    });
    this.field.setAttribute("aria-activedescendant", `${this.listId}-${this.active}`);
  }

  take(hit) {
    const { value, selectionStart } = this.field;
    this.field.value = value.slice(0, hit.from) + hit.insert + value.slice(selectionStart);
    const caret = hit.from + hit.insert.length;
    this.field.setSelectionRange(caret, caret);
    this.field.focus();
    this.typed(false);
    this.hide();
  }

  key(event) {
    if (this.list && this.listKey(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  /** Keys while the list is open; a command typed out in full is sent by Enter, not completed again. */
  listKey(event) {
    const hit = this.hits[this.active];
    if (event.key === "ArrowDown") this.mark(this.active + 1);
    else if (event.key === "ArrowUp") this.mark(this.active - 1);
    else if (event.key === "Escape") this.hide();
    else if (event.key === "Tab" || (event.key === "Enter" && this.field.value.trim() !== hit.text)) this.take(hit);
    else return false;
    return true;
  }

  // Sending

  /** The text goes as typed: escaping, @names and #channels are the server's part. */
  body(text) {
    const words = text.trim();
    if (words.startsWith("/") && !this.threadTs) return { kind: "command", channel: this.channel, text: words };
    return {
      kind: "message",
      channel: this.channel,
      text: words,
      ...(this.threadTs ? { thread_ts: this.threadTs } : {}),
    };
  }

  async send() {
    const text = this.field.value;
    if (!text.trim() || this.busy) return;
    this.hide();
    this.fail(null);
    const word = /^\/\S+/.exec(text.trim())?.[0];
    if (word && !this.threadTs && !this.command(text.trim())) {
      const known = this.app.store.app.commands.map((one) => one.command).join(", ");
      this.fail(`${word} is not a command here.${known ? ` There is: ${known}` : ""}`);
      return;
    }
    const { draftKey } = this;
    this.busy = true;
    this.box.classList.add("busy");
    this.field.value = "";
    this.typed(false);
    const answer = await this.app.act(this.body(text));
    this.busy = false;
    this.box.classList.remove("busy");
    if (answer.ok) return;
    this.app.store.drafts.set(draftKey, text);
    if (draftKey !== this.draftKey) return;
    this.field.value = text;
    this.typed(false);
    this.fail(answer.error || "That was not sent. Your text is still here: try again.");
  }
}
