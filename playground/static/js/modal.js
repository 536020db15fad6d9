// The stack of modals: one dialog that shows the top view, keeps what was typed in each, and submits.
import { api } from "./api.js";
import { blockItems, named, settle } from "./blocks.js";
import { h, icon, reconcile, uid } from "./dom.js";

/** Remember the focused field of a form and give the focus back after it was redrawn. */
function keepingFocus(root, draw) {
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const field = active?.dataset.field;
  const caret = field && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  draw();
  if (!field || root.contains(document.activeElement)) return;
  const again = [...root.querySelectorAll("[data-field]")].find((node) => node.dataset.field === field);
  again?.focus();
  if (caret && caret[0] !== null && again?.setSelectionRange && /^(text|search|url|tel|textarea)$/.test(again.type))
    again.setSelectionRange(...caret);
}

export class ModalPane {
  constructor() {
    this.busy = false;
    const name = uid("modal");
    this.title = h("h2", { class: "dialog-title", id: name, tabindex: "-1" });
    this.depth = h("span", { class: "dialog-depth", "aria-hidden": "true" });
    this.trouble = h("p", { class: "dialog-trouble", role: "alert", hidden: true });
    this.cancel = h("button", { type: "button", class: "btn", onClick: () => this.close(false) });
    this.send = h("button", { type: "submit", class: "btn btn-primary" }, h("span", { class: "btn-text" }));
    this.foot = h("footer", { class: "dialog-foot" }, this.cancel, this.send);
    this.scroll = h("div", { class: "dialog-scroll", tabindex: "-1" });
    this.form = h(
      "form",
      {
        class: "dialog-form",
        novalidate: true,
        onSubmit: (event) => {
          event.preventDefault();
          this.submit();
        },
      },
      h(
        "header",
        { class: "dialog-head" },
        this.title,
        this.depth,
        h(
          "button",
          { type: "button", class: "icon-btn", "aria-label": "Close", onClick: () => this.close(true) },
          icon("close"),
        ),
      ),
      this.trouble,
      this.scroll,
      this.foot,
    );
    this.dialog = h(
      "dialog",
      {
        class: "dialog",
        role: "dialog",
        "aria-labelledby": name,
        "aria-modal": "true",
        onKeydown: (event) => this.key(event),
        onCancel: (event) => event.preventDefault(),
      },
      this.form,
    );
    document.body.append(this.dialog);
  }

  draw(app) {
    this.app = app;
    const stack = app.store.stacks.get(app.store.me) || [];
    const view = stack.at(-1);
    if (!view) {
      this.hide();
      return;
    }
    if (view.id !== this.view?.id) this.fresh(view);
    this.view = view;
    this.title.textContent = view.title?.text || "";
    this.depth.textContent = stack.length > 1 ? `on top of ${stack.at(-2).title?.text || "a form"}` : "";
    this.cancel.textContent = view.close?.text || "Cancel";
    this.send.hidden = !view.submit;
    this.send.firstChild.textContent = view.submit?.text || "";
    const sig = JSON.stringify([view.id, view.blocks]);
    if (sig !== this.sig) {
      this.sig = sig;
      this.drawBody();
    }
    if (!this.dialog.open) {
      this.dialog.showModal();
      this.start(view);
    }
  }

  /** A view that was not on top before: clean errors, top of the form, focus where the app wants it. */
  fresh(view) {
    this.errors = {};
    this.say(null);
    this.body = h("div", { class: "dialog-body" });
    this.scroll.replaceChildren(this.body);
    this.scroll.scrollTop = 0;
    this.sig = null;
    this.setBusy(false);
    if (this.dialog.open) requestAnimationFrame(() => this.start(view));
  }

  start(view) {
    const wanted = (view.blocks || []).find((block) => block.element?.focus_on_load);
    const field =
      wanted &&
      this.body.querySelector(`[data-block="${CSS.escape(wanted.block_id || "")}"] :is(input, textarea, button)`);
    (field || this.title).focus();
  }

  drawBody() {
    const { app, view } = this;
    const blocks = named(view.blocks);
    const form = app.store.form(view.id);
    form.bind(blocks);
    this.state = form;
    this.ctx = Object.assign(
      app.context({ form, container: { type: "view", view_id: view.id }, onError: (error) => this.say(error) }),
      {
        errors: this.errors,
        submit: () => this.submit(),
        onTyped: (blockId) => this.typed(blockId),
      },
    );
    keepingFocus(this.scroll, () => reconcile(this.body, blockItems(blocks, this.ctx)));
  }

  typed(blockId) {
    if (!this.errors[blockId]) return;
    delete this.errors[blockId];
    settle(this.body, blockId, this.ctx);
  }

  say(text) {
    this.trouble.hidden = !text;
    this.trouble.replaceChildren(...(text ? [icon("warning"), text] : []));
  }

  setBusy(on) {
    this.busy = on;
    this.send.classList.toggle("busy", on);
    this.send.disabled = on;
    if (on) this.send.setAttribute("aria-busy", "true");
    else this.send.removeAttribute("aria-busy");
  }

  key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    this.close(false);
  }

  showErrors(errors) {
    this.errors = errors;
    this.drawBody();
    const first = this.body.querySelector(".has-error");
    first?.scrollIntoView({ block: "center" });
    first?.querySelector("input, textarea, button")?.focus({ preventScroll: true });
  }

  async submit() {
    if (this.busy || !this.view?.submit) return;
    const { view, app } = this;
    this.say(null);
    const wrong = this.state.check();
    if (Object.keys(wrong).length) {
      this.showErrors(wrong);
      return;
    }
    this.setBusy(true);
    const answer = await app.act({ kind: "submit", view_id: view.id, state: { values: this.state.toValues() } });
    await app.loadViews();
    if (this.view?.id !== view.id) return; // closed, replaced or pushed over meanwhile
    this.setBusy(false);
    this.answered(answer);
  }

  /** The view stays: say why. Errors for anything but an input block are a fault of the app, as in Slack. */
  answered(answer) {
    const errors = answer.ack?.errors || {};
    const inputs = this.state.inputIds();
    const known = Object.keys(errors).every((blockId) => inputs.has(blockId));
    const some = Object.keys(errors).length > 0;
    if (!known || (!answer.ok && !some)) this.say((known && answer.error) || api.trouble);
    if (known && (some || answer.ok)) this.showErrors(errors);
  }

  /** Cancel and Escape close this view; the cross closes the whole stack. */
  async close(all) {
    const { app, view } = this;
    if (!view || this.busy) return;
    const { store } = app;
    const values = this.state.toValues();
    const stack = store.stacks.get(store.me) || [];
    store.stacks.set(store.me, all || view.clear_on_close ? [] : stack.slice(0, -1));
    this.draw(app);
    await app.act({ kind: "close", view_id: view.id, clear: all, state: { values } });
  }

  hide() {
    if (!this.view) return;
    this.view = null;
    this.sig = null;
    this.dialog.close();
  }
}
