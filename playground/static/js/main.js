// Start: one controller, five panes.
import { App } from "./app.js";
import { h } from "./dom.js";
import { ModalPane } from "./modal.js";
import { MainPane, ThreadPane } from "./panes.js";
import { Sidebar } from "./sidebar.js";
import { Topbar } from "./topbar.js";

const at = (id) => document.getElementById(id);

const app = new App({
  topbar: new Topbar(at("topbar"), at("notice")),
  sidebar: new Sidebar(at("sidebar")),
  main: new MainPane(at("main")),
  thread: new ThreadPane(at("thread")),
  modal: new ModalPane(),
});

at("scrim").addEventListener("click", () => document.body.classList.remove("menu-open"));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (document.body.classList.contains("menu-open")) document.body.classList.remove("menu-open");
  else if (app.store.thread) app.closeThread();
});

app.start().catch((error) => {
  // The server is not there (yet): say so instead of showing an empty page.
  console.error(error);
  at("main").replaceChildren(
    h(
      "p",
      { class: "empty", role: "alert" },
      "The local workspace does not answer. Is it running? Reload this page to try again.",
    ),
  );
});
