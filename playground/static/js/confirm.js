// Confirmation dialogs (Slack's confirm object) and the focus and Escape behaviour of every dialog on the page.
import { h, uid } from "./dom.js";
import { textObject } from "./text.js";

/** Ask; resolves to true for confirm, false for deny, Escape or a click outside. No confirm object: true at once. */
export function askConfirm(confirm, ctx) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const title = uid("confirm");
    const done = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const danger = confirm.style === "danger";
    const yes = h(
      "button",
      { type: "button", class: `btn ${danger ? "btn-danger-fill" : "btn-primary"}`, onClick: () => done(true) },
      confirm.confirm?.text || "Yes",
    );
    const dialog = h(
      "dialog",
      {
        class: "dialog dialog-small",
        role: "alertdialog",
        "aria-labelledby": title,
        onCancel: (event) => {
          event.preventDefault();
          done(false);
        },
        onKeydown: (event) => event.stopPropagation(),
      },
      h("h2", { class: "dialog-title", id: title }, confirm.title?.text || "Are you sure?"),
      h("div", { class: "dialog-text" }, textObject(confirm.text, ctx)),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { type: "button", class: "btn", onClick: () => done(false) }, confirm.deny?.text || "Cancel"),
        yes,
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
