// Faces: a coloured square with initials for people, a mark for the app.
import { h, icon } from "./dom.js";

const HUES = [212, 262, 338, 18, 158, 190, 290, 38, 128, 232];

function hue(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return HUES[sum % HUES.length];
}

function initials(name) {
  const parts = name.trim().split(/\s+/);
  return ((parts[0]?.[0] || "?") + (parts.length > 1 ? parts.at(-1)[0] : "")).toUpperCase();
}

export function avatar(user, { app = false, size = "" } = {}) {
  if (app) return h("span", { class: `avatar avatar-app ${size}`, "aria-hidden": "true" }, icon("check"));
  const name = user?.real_name || user?.name || "?";
  const given = user?.color && /^#?[0-9a-f]{6}$/i.test(user.color) ? `#${user.color.replace("#", "")}` : null;
  return h(
    "span",
    {
      class: `avatar ${size}`,
      "aria-hidden": "true",
      style: { background: given || `hsl(${hue(user?.id || name)} 42% 40%)` },
    },
    initials(name),
  );
}

export function nameOf(user) {
  return user ? user.real_name || user.name : "Unknown person";
}
