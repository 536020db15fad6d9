// Every Block Kit block the page can draw. What it does not know becomes a grey box that names the type.
import { h, icon, uid } from "./dom.js";
import { card, carousel, container, contextActions, plan, taskCard } from "./groups.js";
import { chart } from "./charts.js";
import { drawElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { picture } from "./pictures.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";
import { textObject, words } from "./text.js";

function section(block, ctx) {
  const accessory = block.accessory;
  const image = accessory?.type === "image";
  return h(
    "div",
    { class: "section" },
    h(
      "div",
      { class: "section-main" },
      block.text && textObject(block.text, ctx),
      block.fields?.length
        ? h(
            "div",
            { class: "fields" },
            block.fields.map((field) => h("div", { class: "section-field" }, textObject(field, ctx))),
          )
        : null,
    ),
    accessory &&
      h(
        "div",
        { class: image ? "accessory accessory-image" : "accessory" },
        image
          ? picture(accessory, ctx, "thumb")
          : drawElement(accessory, block, ctx, { label: labelFor(accessory, block) }),
      ),
  );
}

/** An accessory without a label of its own is named by the text beside it. */
function labelFor(element, block) {
  return words(element.placeholder) || words(block.text).split("\n")[0].slice(0, 80) || "Choose";
}

function header(block, ctx) {
  const level = Math.min(Math.max(block.level || 1, 1), 4);
  return h(`h${level + 2}`, { class: `header header-${level}` }, textObject(block.text, ctx, "span"));
}

function context(block, ctx) {
  return h(
    "div",
    { class: "context" },
    (block.elements || []).map((element) =>
      element.type === "image" ? picture(element, ctx, "tiny") : textObject(element, ctx),
    ),
  );
}

function actions(block, ctx) {
  return h(
    "div",
    { class: "actions" },
    (block.elements || []).map((element) =>
      drawElement(element, block, ctx, { label: words(element.placeholder) || undefined }),
    ),
  );
}

function image(block, ctx) {
  return h(
    "figure",
    { class: "image-block" },
    block.title && h("figcaption", null, textObject(block.title, ctx, "span")),
    picture(block, ctx, "large"),
  );
}

function input(block, ctx) {
  const element = block.element || {};
  const error = ctx.errors?.[block.block_id];
  const group = ["radio_buttons", "checkboxes"].includes(element.type);
  const ids = { field: uid("field"), label: uid("label"), hint: uid("hint"), error: uid("error") };
  const described = [error && ids.error, block.hint && ids.hint].filter(Boolean).join(" ") || null;
  const label = words(block.label);
  return h(
    "div",
    { class: `input-block${error ? " has-error" : ""}` },
    h(
      "div",
      { class: "label-line" },
      h(
        group ? "span" : "label",
        { class: "label", id: ids.label, for: group ? null : ids.field },
        textObject(block.label, ctx, "span"),
      ),
      block.optional && h("span", { class: "optional" }, "optional"),
    ),
    drawElement(element, block, ctx, {
      id: ids.field,
      label,
      labelled: ids.label,
      describedBy: described,
      invalid: Boolean(error),
    }),
    error && h("p", { class: "field-error", id: ids.error, role: "alert" }, icon("error"), error),
    block.hint && h("p", { class: "hint", id: ids.hint }, textObject(block.hint, ctx, "span")),
  );
}

const LEVELS = { default: "info", info: "info", warning: "warning", error: "error", success: "success" };

function alert(block, ctx) {
  const level = LEVELS[block.level] ? block.level : "default";
  return h(
    "div",
    { class: `alert alert-${level}`, role: level === "error" ? "alert" : "note" },
    icon(LEVELS[level]),
    textObject(block.text, ctx),
  );
}

function unknown(block) {
  return h(
    "details",
    { class: "unknown" },
    h("summary", null, `Unknown block: ${block?.type ?? "no type"}`),
    h("pre", { class: "pre" }, JSON.stringify(block, null, 2)),
  );
}

const DRAW = {
  section,
  header,
  context,
  actions,
  image,
  input,
  alert,
  table,
  data_table: dataTable,
  data_visualization: chart,
  divider: () => h("hr", { class: "divider" }),
  rich_text: richText,
  markdown: (block, ctx) => markdown(block.text, ctx),
  container: (block, ctx) => container(block, ctx, drawBlock),
  card,
  carousel,
  context_actions: contextActions,
  plan,
  task_card: taskCard,
};

export function drawBlock(block, ctx) {
  const draw = block && DRAW[block.type];
  const body = draw ? draw(block, ctx) : unknown(block);
  return h("div", { class: "block", "data-block": block?.block_id || null, "data-type": block?.type || null }, body);
}

/** Blocks without an id get a stable one, as Slack gives them; the server normally did so already. */
export function named(blocks) {
  return (blocks || []).map((block, index) => {
    const own = block?.block_id ? block : { ...block, block_id: `auto-${index}` };
    return own.child_blocks
      ? {
          ...own,
          child_blocks: named(
            own.child_blocks.map((child, at) =>
              child.block_id ? child : { ...child, block_id: `${own.block_id}-${at}` },
            ),
          ),
        }
      : own;
  });
}

/** Items for reconcile: one per block, redrawn when its JSON or its error changes. */
export function blockItems(blocks, ctx) {
  const seen = new Map();
  return blocks.map((block) => {
    const times = (seen.get(block.block_id) || 0) + 1;
    seen.set(block.block_id, times);
    const calm = JSON.stringify([block, null, ctx.salt]);
    const error = ctx.errors?.[block.block_id];
    return {
      key: `${block.block_id}:${times}`,
      sig: error ? JSON.stringify([block, error, ctx.salt]) : calm,
      calm,
      render: () => drawBlock(block, ctx),
    };
  });
}

/** Take away a block's error without redrawing it, so that the field somebody types in keeps its caret. */
export function settle(parent, blockId, ctx) {
  for (const entry of parent.__kept?.values() || []) {
    if (entry.node.dataset.block !== blockId) continue;
    entry.node.querySelector(".field-error")?.remove();
    entry.node.querySelector(".has-error")?.classList.remove("has-error");
    entry.node.querySelectorAll("[aria-invalid]").forEach((node) => node.removeAttribute("aria-invalid"));
    entry.sig = entry.calm;
  }
  delete ctx.errors[blockId];
}
