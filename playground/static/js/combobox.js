// One accessible combobox for every select: type to filter, arrows to move, Enter to choose, Escape to leave.
import { h, icon, uid } from "./dom.js";
import { closeOutside, layerOf, place } from "./popup.js";

/**
 * @param {object} spec
 *   label     accessible name (used when no <label> points at the input)
 *   id        id of the input
 *   multi     several choices, shown as chips
 *   groups    async (query) => [{label, items: [{key, text, note, item}]}]; already filtered when remote
 *   remote    the groups function filters by itself (external_select)
 *   chosen    [{key, text, item}] at the start
 *   onChange  called with the list of chosen entries after each change
 *   onClose   called when the list closes
 */
export class Combobox {
  constructor(spec) {
    this.spec = spec;
    this.chosen = [...spec.chosen];
    this.options = [];
    this.active = -1;
    this.listId = uid("list");
    this.input = h("input", {
      class: "combo-input",
      type: "text",
      role: "combobox",
      id: spec.id,
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.listId,
      "aria-label": spec.labelled ? null : spec.label,
      "aria-required": spec.required ? "true" : null,
      "data-field": spec.field,
      maxlength: "200",
      onInput: () => this.open(true),
      onKeydown: (event) => this.key(event),
      onClick: () => this.open(),
      onBlur: (event) => this.blur(event),
    });
    this.clearButton = h(
      "button",
      { type: "button", class: "combo-clear", "aria-label": "Clear choice", onClick: () => this.clear() },
      icon("close"),
    );
    this.chips = h("span", { class: "chips" });
    this.node = h(
      "div",
      { class: `combo${spec.multi ? " combo-multi" : ""}`, onPointerdown: (event) => this.press(event) },
      this.chips,
      this.input,
      this.clearButton,
      h("span", { class: "combo-arrow" }, icon("down")),
    );
    this.show();
  }

  get isOpen() {
    return Boolean(this.list);
  }

  press(event) {
    if (event.target.closest("button") || event.target === this.input) return;
    event.preventDefault();
    this.input.focus();
    this.open();
  }

  /** Show what is chosen: chips for several, the text itself for one. */
  show() {
    const { multi, placeholder, label, clearable } = this.spec;
    this.chips.replaceChildren(...(multi ? this.chosen.map((entry) => this.chip(entry)) : []));
    this.input.value = multi ? "" : this.chosen[0]?.text || "";
    this.input.placeholder = multi && this.chosen.length ? "" : placeholder || (multi ? "Choose some" : "Choose one");
    this.clearButton.hidden = multi || !this.chosen.length || !clearable;
    this.node.classList.toggle("has-value", this.chosen.length > 0);
    if (!this.spec.labelled) this.input.setAttribute("aria-label", label);
  }

  chip(entry) {
    return h(
      "span",
      { class: "chip" },
      entry.text,
      h(
        "button",
        { type: "button", "aria-label": `Remove ${entry.text}`, onClick: () => this.toggle(entry) },
        icon("close"),
      ),
    );
  }

  async open(typed = false) {
    if (!this.isOpen) {
      this.list = h("div", {
        class: "popup listbox",
        role: "listbox",
        id: this.listId,
        "aria-label": "Choices",
        "aria-multiselectable": this.spec.multi ? "true" : null,
        onPointerdown: (event) => event.preventDefault(),
      });
      layerOf(this.node).append(this.list);
      this.release = closeOutside(
        [this.node, this.list],
        () => this.close(),
        () => this.place(),
      );
      this.input.setAttribute("aria-expanded", "true");
      if (!typed && !this.spec.multi) this.input.select();
    }
    await this.fill(typed ? this.input.value.trim() : "");
  }

  async fill(query) {
    const turn = (this.turn = (this.turn || 0) + 1);
    if (this.spec.remote && !this.list.childNodes.length) this.list.append(h("p", { class: "popup-note" }, "Looking…"));
    const groups = await this.spec.groups(query);
    if (turn !== this.turn || !this.isOpen) return;
    this.options = [];
    const needle = query.toLocaleLowerCase();
    const nodes = groups.flatMap((group) => this.groupNodes(group, this.spec.remote ? "" : needle));
    const empty = groups.hint || (query ? `Nothing matches "${query}".` : "Nothing to choose.");
    this.list.replaceChildren(...(nodes.length ? nodes : [h("p", { class: "popup-note" }, empty)]));
    this.place();
    const current = this.options.findIndex((option) => this.has(option.entry));
    this.activate(query || current < 0 ? 0 : current);
  }

  place() {
    place(this.list, this.node, { minWidth: 220 });
  }

  groupNodes(group, needle) {
    const hits = group.items.filter((entry) =>
      `${entry.text} ${entry.note || ""}`.toLocaleLowerCase().includes(needle),
    );
    const nodes = hits.map((entry) => {
      const on = this.has(entry);
      const node = h(
        "div",
        {
          class: "option",
          role: "option",
          id: uid("opt"),
          "aria-selected": String(on),
          "aria-label": entry.text,
          onClick: () => this.pick(entry),
        },
        h("span", { class: "option-text" }, entry.text, entry.note && h("span", { class: "option-note" }, entry.note)),
        on && icon("check"),
      );
      this.options.push({ entry, node });
      return node;
    });
    return nodes.length && group.label
      ? [h("div", { class: "group-label", role: "presentation" }, group.label), ...nodes]
      : nodes;
  }

  has(entry) {
    return this.chosen.some((other) => other.key === entry.key);
  }

  activate(index) {
    this.options[this.active]?.node.classList.remove("active");
    this.active = this.options.length ? (index + this.options.length) % this.options.length : -1;
    const option = this.options[this.active];
    option?.node.classList.add("active");
    option?.node.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.node.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (this.isOpen) this.activate(this.active + (key === "ArrowDown" ? 1 : -1));
      else this.open();
    } else if (key === "Enter") {
      event.preventDefault();
      if (this.isOpen && this.options[this.active]) this.pick(this.options[this.active].entry);
      else this.open();
    } else if (key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (key === "Tab") this.close();
    else if (key === "Backspace" && this.spec.multi && !this.input.value && this.chosen.length)
      this.toggle(this.chosen.at(-1));
  }

  blur(event) {
    if (!this.list?.contains(event.relatedTarget) && !this.node.contains(event.relatedTarget)) this.close();
  }

  pick(entry) {
    if (this.spec.multi) {
      this.toggle(entry);
      this.fill("");
      return;
    }
    const changed = !this.has(entry);
    this.chosen = [entry];
    this.close();
    if (changed) this.spec.onChange(this.chosen);
  }

  toggle(entry) {
    const max = this.spec.max || Infinity;
    if (this.has(entry)) this.chosen = this.chosen.filter((other) => other.key !== entry.key);
    else if (this.chosen.length < max) this.chosen = [...this.chosen, entry];
    this.show();
    this.spec.onChange(this.chosen);
  }

  clear() {
    this.chosen = [];
    this.show();
    this.spec.onChange(this.chosen);
    this.input.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.list.remove();
    this.list = null;
    this.release();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.show();
    this.spec.onClose?.();
  }
}
