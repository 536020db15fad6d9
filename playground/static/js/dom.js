// Small helpers to build DOM without a framework. Text always goes in as text nodes, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

function apply(node, props) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.setAttribute("class", value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2).toLowerCase(), value);
    else if (["value", "checked", "disabled", "hidden", "selected", "open", "inert"].includes(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** An HTML element: h("button", {class: "btn", onClick}, "Text"). */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  apply(node, props);
  append(node, children);
  return node;
}

/** An SVG element, same shape as h. */
export function s(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  apply(node, props);
  append(node, children);
  return node;
}

let counter = 0;
/** An id that is unique on this page. */
export function uid(prefix = "x") {
  counter += 1;
  return `${prefix}-${counter}`;
}

const ICONS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  home: "M4 11.5 12 4l8 7.5M6.5 10v9.5h11V10M10 19.5v-5h4v5",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  clock: "M12 7v5l3.5 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  send: "M4 12 20 5l-5 15-3.5-6.5z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
  down: "M6 9l6 6 6-6",
  left: "M15 6l-6 6 6 6",
  right: "M9 6l6 6-6 6",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  reply: "M20 11a8 8 0 1 1-3-6.2M20 4v5h-5",
  info: "M12 11v6M12 7.5h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  warning: "M12 4 2.5 20h19zM12 10v4.5M12 17.5h.01",
  error: "M12 7.5v5.5M12 16.5h.01M8 3h8l5 5v8l-5 5H8l-5-5V8z",
  success: "M8 12.5l3 3 5.5-6.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  up: "M7 11v9H4v-9zM7 12l4-8c1.500 0 2.500 1 2.200 2.700L12.700 10H18a2 2 0 0 1 2 2.300l-1 6A2 2 0 0 1 17 20H7",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  check: "M5 12.5l4.500 4.500L19 7",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01",
};

/** A line icon; hidden from assistive technology, since a word always stands beside it or in aria-label. */
export function icon(name, extra = "") {
  return s(
    "svg",
    { class: `icon ${extra}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    s("path", { d: ICONS[name] || ICONS.info }),
  );
}

/**
 * Make the children of parent match items [{key, sig, render}] in order. A node whose sig did not change is kept
 * as it is (with its focus, open lists and table pages); the others are drawn anew.
 */
export function reconcile(parent, items) {
  const old = parent.__kept || new Map();
  const kept = new Map();
  let cursor = parent.firstChild;
  for (const item of items) {
    const before = old.get(item.key);
    const node = before && before.sig === item.sig ? before.node : item.render();
    kept.set(item.key, { ...item, node });
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  const wanted = new Set([...kept.values()].map((entry) => entry.node));
  for (const node of [...parent.childNodes]) if (!wanted.has(node)) node.remove();
  parent.__kept = kept;
}

/** A short message at the foot of the page that goes away by itself. */
export function toast(text, level = "info") {
  const node = h(
    "div",
    { class: `toast toast-${level}` },
    icon(level === "error" ? "warning" : "info"),
    h("span", null, text),
  );
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 7000);
}
