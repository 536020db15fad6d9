// Images. Only this server's own pictures are loaded; a picture elsewhere is named, not fetched.
import { h, icon } from "./dom.js";

function addressOf(image, ctx) {
  const file = image.slack_file;
  if (file) return file.url || ctx.file(file.id)?.url || (file.id ? `/files/${file.id}/picture` : null);
  return image.image_url || null;
}

function isLocal(address) {
  if (!address) return false;
  if (address.startsWith("data:image/")) return true;
  const url = new URL(address, location.href);
  return url.origin === location.origin || ["127.0.0.1", "localhost"].includes(url.hostname);
}

/** An image of size "large", "thumb", "tiny" or "hero", or a box with its alt text. */
export function picture(image, ctx, size) {
  const address = addressOf(image, ctx);
  const alt = image.alt_text || "";
  const missing = () =>
    h(
      "span",
      { class: `picture-missing picture-${size}`, role: "img", "aria-label": alt, title: alt },
      icon("image"),
      size === "large" || size === "hero" ? h("span", null, alt || "Picture") : null,
    );
  let local = false;
  try {
    local = isLocal(address);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // anything but a malformed address is a fault of this page
  }
  if (!local) return missing();
  const node = h("img", {
    class: `picture picture-${size}`,
    src: address,
    alt,
    loading: "lazy",
    onError: () => node.replaceWith(missing()),
  });
  if (size !== "large") return node;
  return h(
    "a",
    { href: address, target: "_blank", rel: "noopener", class: "picture-link", "aria-label": `Open picture: ${alt}` },
    node,
  );
}
