// The simulated clock, its controls and the notice.
import { clockText } from "./dates.js";
import { h, icon, reconcile } from "./dom.js";

export class Topbar {
  constructor(root, notice) {
    Object.assign(this, { root, notice });
    this.menu = h(
      "button",
      {
        type: "button",
        class: "icon-btn menu-btn",
        "aria-label": "Open the menu",
        onClick: () => document.body.classList.toggle("menu-open"),
      },
      icon("menu"),
    );
    this.face = h("div", { class: "clock", role: "group", "aria-label": "Simulated time" });
    this.controls = h("div", { class: "clock-controls", role: "group", "aria-label": "Move the clock" });
    this.status = h("span", { class: "clock-status", role: "status" });
    root.append(this.menu, this.face, this.controls, this.status);
  }

  draw(app) {
    const { store } = app;
    const { clock, notice } = store.state;
    const text = clockText(store.now, store.tz);
    this.face.replaceChildren(
      icon("clock"),
      h("span", { class: "clock-day" }, h("strong", null, text.weekday), h("span", null, text.date)),
      h("time", { class: "clock-time", datetime: clock.now }, text.time),
      h("span", { class: "clock-zone" }, store.tz.replaceAll("_", " ")),
    );
    reconcile(
      this.controls,
      (clock.controls || []).map((control) => ({
        key: control.id,
        sig: JSON.stringify([control, clock.busy, app.pressed === control.id]),
        render: () => this.control(control, app),
      })),
    );
    this.root.classList.toggle("busy", Boolean(clock.busy));
    const words = !app.online ? "No connection. Trying again." : clock.busy ? "The clock is moving" : "";
    if (this.status.textContent !== words) this.status.textContent = words;
    this.notice.hidden = !notice;
    if (this.notice.textContent !== (notice || "")) this.notice.textContent = notice || "";
  }

  control(control, app) {
    const { busy } = app.store.state.clock;
    const pressed = app.pressed === control.id;
    return h(
      "button",
      {
        type: "button",
        class: `btn btn-clock${pressed ? " busy" : ""}`,
        title: control.hint || null,
        disabled: Boolean(busy),
        "aria-busy": pressed ? "true" : null,
        onClick: () => app.moveClock(control),
      },
      h("span", { class: "btn-text" }, control.label),
    );
  }
}
