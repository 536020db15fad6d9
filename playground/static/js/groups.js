// Blocks that group others: container, card, carousel, context actions, plan and task card.
import { h, icon, uid } from "./dom.js";
import { drawElement } from "./elements.js";
import { picture } from "./pictures.js";
import { richText } from "./richtext.js";
import { textObject, words } from "./text.js";

export function container(block, ctx, drawBlock) {
  const body = uid("group");
  const folds = Boolean(block.is_collapsible);
  const title = block.rich_text_title ? richText(block.rich_text_title, ctx) : textObject(block.title, ctx, "span");
  const heading = [
    block.icon && picture(block.icon, ctx, "tiny"),
    h(
      "span",
      { class: "container-words" },
      h("span", { class: "container-title" }, title),
      block.subtitle && h("span", { class: "container-subtitle" }, textObject(block.subtitle, ctx, "span")),
    ),
  ];
  const inner = h(
    "div",
    { class: "container-body", id: body, hidden: folds && Boolean(block.default_collapsed) },
    (block.child_blocks || []).map((child) => drawBlock(child, ctx)),
  );
  const toggle = (event) => {
    inner.hidden = !inner.hidden;
    event.currentTarget.setAttribute("aria-expanded", String(!inner.hidden));
  };
  const head = folds
    ? h(
        "button",
        {
          type: "button",
          class: "container-head",
          "aria-expanded": String(!inner.hidden),
          "aria-controls": body,
          onClick: toggle,
        },
        heading,
        icon("down", "fold"),
      )
    : h("div", { class: `container-head${block.has_header_divider ? " ruled" : ""}` }, heading);
  return h("section", { class: `container width-${block.width || "standard"}` }, head, inner);
}

export function card(block, ctx) {
  const glyph = block.icon
    ? picture(block.icon, ctx, "thumb")
    : block.slack_icon && h("span", { class: "card-glyph" }, icon("info"));
  return h(
    "article",
    { class: "card" },
    block.hero_image && picture(block.hero_image, ctx, "hero"),
    (block.title || block.subtitle || glyph) &&
      h(
        "div",
        { class: "card-head" },
        glyph,
        h(
          "div",
          null,
          block.title && h("div", { class: "card-title" }, textObject(block.title, ctx)),
          block.subtitle && h("div", { class: "card-subtitle" }, textObject(block.subtitle, ctx)),
        ),
      ),
    block.body && h("div", { class: "card-body" }, textObject(block.body, ctx)),
    block.subtext && h("div", { class: "card-subtext" }, textObject(block.subtext, ctx)),
    block.actions?.length
      ? h(
          "div",
          { class: "actions" },
          block.actions.map((element) => drawElement(element, block, ctx)),
        )
      : null,
  );
}

export function carousel(block, ctx) {
  const track = h(
    "div",
    { class: "carousel-track", tabindex: "0", role: "group", "aria-label": "Cards" },
    (block.elements || []).map((element, index) => card({ block_id: `${block.block_id}-${index}`, ...element }, ctx)),
  );
  const shift = (way) => track.scrollBy({ left: way * 260, behavior: "smooth" });
  const many = (block.elements || []).length > 1;
  return h(
    "div",
    { class: "carousel" },
    track,
    many &&
      h(
        "div",
        { class: "carousel-nav" },
        h(
          "button",
          { type: "button", class: "icon-btn bordered", "aria-label": "Previous card", onClick: () => shift(-1) },
          icon("left"),
        ),
        h(
          "button",
          { type: "button", class: "icon-btn bordered", "aria-label": "Next card", onClick: () => shift(1) },
          icon("right"),
        ),
      ),
  );
}

export function contextActions(block, ctx) {
  return h(
    "div",
    { class: "context-actions" },
    (block.elements || []).map((element) => drawElement(element, block, ctx)),
  );
}

const STATES = { pending: "To do", in_progress: "In progress", complete: "Done", error: "Failed" };

export function taskCard(block, ctx) {
  return h(
    "div",
    { class: `task-card task-${block.status || "pending"}` },
    h(
      "div",
      { class: "task-title" },
      words(block.title),
      h("span", { class: "tag tag-gray" }, STATES[block.status] || block.status || ""),
    ),
    block.details && richText(block.details, ctx),
    block.output && richText(block.output, ctx),
  );
}

export function plan(block, ctx) {
  return h(
    "section",
    { class: "container width-standard" },
    h("div", { class: "container-head" }, h("span", { class: "container-title" }, words(block.title))),
    h(
      "div",
      { class: "container-body" },
      (block.tasks || []).map((task) => taskCard(task, ctx)),
    ),
  );
}
