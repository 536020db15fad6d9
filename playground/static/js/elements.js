// Interactive elements: what to draw for each type, and what to send when somebody uses it.
import { h, icon, uid } from "./dom.js";
import { askConfirm } from "./confirm.js";
import { fieldOf, isStateful } from "./formstate.js";
import { choices, dateInput, fileInput, numberInput, textInput } from "./inputs.js";
import { visit } from "./pills.js";
import { closeOutside, layerOf, place } from "./popup.js";
import { select } from "./selects.js";
import { words } from "./text.js";

/** Fields that Slack repeats from the element in actions[]. */
const ECHO = [
  "text",
  "value",
  "style",
  "url",
  "placeholder",
  "confirm",
  "accessibility_label",
  "initial_option",
  "initial_options",
  "initial_date",
  "initial_time",
  "initial_user",
  "initial_users",
  "initial_conversation",
  "initial_channel",
];

function payload(element, blockId, extra) {
  const out = { type: element.type, block_id: blockId, action_id: element.action_id };
  for (const name of ECHO)
    if (element[name] !== undefined && !(name === "value" && isStateful(element))) out[name] = element[name];
  return { ...out, ...extra };
}

/** Confirm when asked to, then send the action; the control is busy until the app has acknowledged. */
async function send(element, block, ctx, extra, control) {
  if (!(await askConfirm(element.confirm, ctx))) return false;
  control?.classList.add("busy");
  control?.setAttribute("aria-busy", "true");
  try {
    await ctx.act(payload(element, block.block_id, extra), block);
  } finally {
    control?.classList.remove("busy");
    control?.removeAttribute("aria-busy");
  }
  return true;
}

function button(element, block, ctx) {
  const style = { primary: "btn-primary", danger: "btn-danger" }[element.style] || "";
  const node = h(
    "button",
    {
      type: "button",
      class: `btn ${style}`,
      "aria-label": element.accessibility_label || null,
      "data-field": `${block.block_id}/${element.action_id}`,
      onClick: async () => {
        if (node.classList.contains("busy")) return;
        const sent = await send(element, block, ctx, {}, node);
        if (sent && element.url) visit(element.url);
      },
    },
    h("span", { class: "btn-text" }, words(element.text)),
  );
  return node;
}

function workflowButton(element) {
  return h(
    "button",
    { type: "button", class: "btn", disabled: true, title: "Workflows do not run in this local workspace" },
    words(element.text),
  );
}

const GLYPHS = { trash: "trash", delete: "trash", edit: "file", refresh: "reply", check: "check", close: "close" };

function iconButton(element, block, ctx) {
  const shown = !element.visible_to_user_ids || element.visible_to_user_ids.includes(ctx.me());
  if (!shown) return null;
  const node = h(
    "button",
    {
      type: "button",
      class: "icon-btn bordered",
      title: words(element.text),
      "aria-label": element.accessibility_label || words(element.text),
      onClick: () => send(element, block, ctx, {}, node),
    },
    icon(GLYPHS[element.icon] || "info"),
  );
  return node;
}

function feedback(element, block, ctx) {
  const one = (choice, flip) => {
    const node = h(
      "button",
      {
        type: "button",
        class: "icon-btn bordered",
        title: words(choice.text),
        "aria-pressed": "false",
        "aria-label": choice.accessibility_label || words(choice.text),
        onClick: async () => {
          await send(element, block, ctx, { value: choice.value, text: choice.text }, node);
          node.parentElement
            .querySelectorAll("button")
            .forEach((other) => other.setAttribute("aria-pressed", String(other === node)));
        },
      },
      icon("up", flip ? "flip" : ""),
    );
    return node;
  };
  return h(
    "span",
    { class: "feedback", role: "group", "aria-label": "Feedback" },
    one(element.positive_button, false),
    one(element.negative_button, true),
  );
}

/** The menu behind the three dots. */
function overflow(element, block, ctx) {
  let list = null;
  let release = null;
  const close = (focus) => {
    list?.remove();
    list = null;
    release?.();
    node.setAttribute("aria-expanded", "false");
    if (focus) node.focus();
  };
  const choose = async (option) => {
    close(true);
    const sent = await send(element, block, ctx, { selected_option: option }, node);
    if (sent && option.url) visit(option.url);
  };
  const move = (event) => {
    const items = [...list.children];
    const at = items.indexOf(document.activeElement);
    if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const open = () => {
    if (list) return close(true);
    list = h(
      "div",
      { class: "popup menu", role: "menu", onKeydown: move },
      (element.options || []).map((option) =>
        h(
          "button",
          { type: "button", class: "option", role: "menuitem", onClick: () => choose(option) },
          h(
            "span",
            { class: "option-text" },
            words(option.text),
            option.description && h("span", { class: "option-note" }, words(option.description)),
          ),
        ),
      ),
    );
    layerOf(node).append(list);
    place(list, node, { minWidth: 220 });
    release = closeOutside(
      [node, list],
      () => close(false),
      () => place(list, node, { minWidth: 220 }),
    );
    node.setAttribute("aria-expanded", "true");
    list.firstElementChild?.focus();
    return undefined;
  };
  const node = h(
    "button",
    {
      type: "button",
      class: "icon-btn bordered",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": element.accessibility_label || "More options",
      "data-field": `${block.block_id}/${element.action_id}`,
      onClick: open,
    },
    icon("more"),
  );
  return node;
}

const STATEFUL = {
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  rich_text_input: textInput,
  number_input: numberInput,
  datepicker: dateInput,
  timepicker: dateInput,
  datetimepicker: dateInput,
  radio_buttons: choices,
  checkboxes: choices,
  file_input: fileInput,
};
const STATELESS = {
  button,
  workflow_button: workflowButton,
  icon_button: iconButton,
  feedback_buttons: feedback,
  overflow,
};

/** The plumbing between one stateful element and the form state of its message or view. */
function wiring(element, block, ctx, extra) {
  const inInput = block.type === "input";
  const dispatches = !inInput || Boolean(block.dispatch_action);
  const field = `${block.block_id}/${element.action_id}`;
  return {
    ctx,
    dispatches,
    field,
    id: uid("in"),
    label: words(element.accessibility_label) || words(element.placeholder) || element.action_id,
    required: inInput && !block.optional,
    clearable: !inInput || Boolean(block.optional),
    get: () => ctx.form.get(block.block_id, element),
    set: (value) => {
      ctx.form.set(block.block_id, element, value);
      ctx.onTyped?.(block.block_id);
    },
    changed: () => {
      if (!dispatches) return undefined;
      return send(element, block, ctx, { [fieldOf(element.type)]: ctx.form.get(block.block_id, element) }, null);
    },
    options: (source, query) => ctx.options(payload(source, block.block_id, {}), query),
    submit: ctx.submit,
    ...extra,
  };
}

/** Draw one element of an actions block, an accessory or the inside of an input block. */
export function drawElement(element, block, ctx, extra = {}) {
  const simple = STATELESS[element.type];
  if (simple) return simple(element, block, ctx);
  if (!isStateful(element)) return h("span", { class: "unknown" }, `Unknown element: ${element.type}`);
  const io = wiring(element, block, ctx, extra);
  return STATEFUL[element.type] ? STATEFUL[element.type](element, io) : select(element, io);
}
