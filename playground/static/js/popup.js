// Lists that open under (or above) a control: menus, select lists, suggestions.

/** The element in which a popup must live so that an open dialog does not hide it. */
export function layerOf(anchor) {
  return anchor.closest("dialog") || document.body;
}

/** Put a fixed-position popup beside its anchor, above it when there is more room there. */
export function place(popup, anchor, { minWidth = 0, above = false } = {}) {
  const box = anchor.getBoundingClientRect();
  const gap = 4;
  const room = window.innerHeight - box.bottom - gap - 8;
  const up = above || (room < Math.min(280, popup.scrollHeight) && box.top > room);
  const width = Math.max(box.width, minWidth);
  popup.style.width = `${Math.min(width, window.innerWidth - 16)}px`;
  popup.style.maxHeight = `${Math.min(320, (up ? box.top : room) - gap)}px`;
  popup.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`;
  popup.style.top = up ? "auto" : `${box.bottom + gap}px`;
  popup.style.bottom = up ? `${window.innerHeight - box.top + gap}px` : "auto";
}

/** Call close on a press outside of the given nodes and follow when something scrolls. Returns a remover. */
export function closeOutside(nodes, close, follow) {
  const press = (event) => {
    if (!nodes.some((node) => node.contains(event.target))) close();
  };
  const scroll = (event) => {
    if (!nodes.some((node) => node === event.target || node.contains(event.target))) follow();
  };
  document.addEventListener("pointerdown", press, true);
  document.addEventListener("scroll", scroll, true);
  window.addEventListener("resize", follow);
  return () => {
    document.removeEventListener("pointerdown", press, true);
    document.removeEventListener("scroll", scroll, true);
    window.removeEventListener("resize", follow);
  };
}
