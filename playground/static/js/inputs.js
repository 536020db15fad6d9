// Text, number, date, time, checkbox, radio and file inputs.
import { h, uid } from "./dom.js";
import { fromLocalInput, toLocalInput } from "./dates.js";
import { textObject, words } from "./text.js";

const DEBOUNCE_MS = 400;

/** Attributes every focusable input shares: the label's target, the name for focus, the error link. */
function common(io, extra) {
  return {
    id: io.id,
    "data-field": io.field,
    "aria-label": io.labelled ? null : io.label,
    "aria-required": io.required ? "true" : null,
    "aria-describedby": io.describedBy,
    "aria-invalid": io.invalid ? "true" : null,
    ...extra,
  };
}

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 320)}px`;
}

/** When Slack tells the app while somebody types: dispatch_action_config, by default on Enter. */
function typing(element, io) {
  const on = element.dispatch_action_config?.trigger_actions_on || ["on_enter_pressed"];
  let timer = null;
  return {
    input() {
      if (!io.dispatches || !on.includes("on_character_entered")) return;
      clearTimeout(timer);
      timer = setTimeout(() => io.changed(), DEBOUNCE_MS);
    },
    enter() {
      if (!io.dispatches || !on.includes("on_enter_pressed")) return false;
      clearTimeout(timer);
      io.changed();
      return true;
    },
  };
}

function counter(element) {
  const node = h("span", { class: "counter", "aria-hidden": "true" });
  const update = (text) => {
    const left = element.max_length - [...text].length;
    node.textContent = String(left);
    node.classList.toggle("over", left < 0);
    node.hidden = left > Math.max(40, element.max_length * 0.9);
  };
  return { node, update };
}

export function textInput(element, io) {
  const many = element.multiline || element.type === "rich_text_input";
  const tell = typing(element, io);
  const count = element.max_length ? counter(element) : null;
  const start = element.type === "rich_text_input" ? richToPlain(io.get()) : io.get() || "";
  const kind = { email_text_input: "email", url_text_input: "url" }[element.type] || "text";
  const field = h(
    many ? "textarea" : "input",
    common(io, {
      class: `field${count ? " with-counter" : ""}`,
      type: many ? null : kind,
      rows: many ? "3" : null,
      autocomplete: "off",
      inputmode: element.type === "number_input" ? "decimal" : null,
      placeholder: words(element.placeholder) || null,
      onInput: () => {
        io.set(element.type === "rich_text_input" ? plainToRich(field.value) : field.value || null);
        count?.update(field.value);
        if (many) fit(field);
        tell.input();
      },
      onKeydown: (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        if (many && !event.metaKey && !event.ctrlKey) return;
        event.preventDefault();
        if (!tell.enter()) io.submit?.();
      },
    }),
  );
  field.value = start;
  count?.update(start);
  if (many && start) requestAnimationFrame(() => fit(field));
  return h("div", { class: `text-wrap${many ? " many" : ""}` }, field, count?.node);
}

function plainToRich(text) {
  if (!text) return null;
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function richToPlain(value) {
  if (!value) return "";
  const walk = (node) => node.text || (node.elements || []).map(walk).join(node.type === "rich_text" ? "\n" : "");
  return walk(value);
}

export function numberInput(element, io) {
  return textInput(element, io);
}

const DATES = {
  datepicker: { type: "date", read: (value) => value || "", write: (text) => text || null },
  timepicker: { type: "time", read: (value) => value || "", write: (text) => text || null },
  datetimepicker: {
    type: "datetime-local",
    read: (value, ctx) => (value ? toLocalInput(value, ctx.tz()) : ""),
    write: (text, ctx) => (text ? fromLocalInput(text, ctx.tz()) : null),
  },
};

export function dateInput(element, io) {
  const kind = DATES[element.type];
  const field = h(
    "input",
    common(io, {
      class: "field field-date",
      type: kind.type,
      max: kind.type === "date" ? "9999-12-31" : null,
      "aria-label": io.labelled ? null : io.label || words(element.placeholder) || "Date",
      onChange: () => {
        io.set(kind.write(field.value, io.ctx));
        io.changed();
      },
    }),
  );
  field.value = kind.read(io.get(), io.ctx);
  return field;
}

function same(one, other) {
  return Boolean(one && other && one.value === other.value);
}

/** Radio buttons and checkboxes: native inputs, each with its own label and description. */
export function choices(element, io) {
  const many = element.type === "checkboxes";
  const name = uid("choice");
  const isOn = (option) => (many ? (io.get() || []).some((one) => same(one, option)) : same(io.get(), option));
  const pick = (option, on) => {
    if (!many) io.set(option);
    else {
      const rest = (io.get() || []).filter((one) => !same(one, option));
      const all = on ? [...rest, option] : rest;
      io.set(element.options.filter((one) => all.some((other) => same(one, other))));
    }
    io.changed();
  };
  return h(
    "div",
    {
      class: "choices",
      id: io.id,
      role: many ? "group" : "radiogroup",
      "aria-labelledby": io.labelled,
      "aria-label": io.labelled ? null : io.label,
      "aria-required": !many && io.required ? "true" : null,
      "aria-describedby": io.describedBy,
      "aria-invalid": io.invalid && !many ? "true" : null,
    },
    (element.options || []).map((option, index) => {
      const id = uid("pick");
      const note = option.description ? uid("note") : null;
      const input = h("input", {
        type: many ? "checkbox" : "radio",
        name,
        id,
        checked: isOn(option),
        "aria-describedby": note,
        "data-field": `${io.field}#${index}`,
        onChange: () => pick(option, input.checked),
      });
      return h(
        "div",
        { class: "choice" },
        input,
        h(
          "div",
          null,
          h("label", { for: id }, textObject(option.text, io.ctx, "span")),
          note && h("div", { class: "choice-note", id: note }, textObject(option.description, io.ctx, "span")),
        ),
      );
    }),
  );
}

export function fileInput(element, io) {
  return h("p", { class: "unknown", id: io.id }, "file_input: files cannot be attached in this local workspace.");
}
