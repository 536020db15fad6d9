"use strict";
// The bar with the clock, and the dialogs that the playground inside the frame cannot open.
(() => {
  const showing = JSON.parse(document.getElementById("showing").textContent);
  const byId = (id) => document.getElementById(id);
  const dialog = byId("dialog");
  const state = byId("dialog-state");
  const place = byId("dialog-card");
  const grey = { default: "#242424", subtle: "#5c5c5c" };
  const same = (colour) => ({ default: colour, subtle: colour });
  const colours = {
    default: grey, accent: same("#5B5FC7"), good: same("#0E700E"), warning: same("#835B00"), attention: same("#B10E1C"),
  };
  const host = {
    fontFamily: "inherit",
    fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 },
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 20, padding: 16 },
    actions: {
      maxActions: 6, actionsOrientation: "horizontal", actionAlignment: "left", buttonSpacing: 8,
      showCard: { actionMode: "inline", inlineTopMargin: 8 },
    },
    containerStyles: {
      default: { backgroundColor: "#FFFFFF", foregroundColors: colours },
      emphasis: { backgroundColor: "#F5F5F5", foregroundColors: colours },
      attention: { backgroundColor: "#FDF3F4", foregroundColors: colours },
      warning: { backgroundColor: "#FFF9E6", foregroundColors: colours },
      good: { backgroundColor: "#F1FAF1", foregroundColors: colours },
    },
    inputs: {
      label: { inputSpacing: "small", requiredInputs: { weight: "bolder" }, optionalInputs: { weight: "bolder" } },
    },
  };
  let at = null;
  let busy = false;

  const post = async (path, body) => {
    const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(path, sent);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  // ---------------------------------------------------------------- cards

  // Bold is all the Markdown that a card of ours holds besides mentions and links, which dialogs have none of.
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    const safe = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    const plain = safe.replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>").replace(/\\([^\w\s])/g, "$1");
    result.outputHtml = `<p style="margin:0">${plain}</p>`;
    result.didProcess = true;
  };

  // This renderer does not know what is meant for other widths only.
  const fitting = (value) => {
    if (Array.isArray(value)) {
      return value.filter((one) => !one || !String(one.targetWidth ?? "").startsWith("atMost")).map(fitting);
    }
    if (!value || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fitting(one)]));
  };

  const say = (text) => {
    state.textContent = text;
  };

  const draw = (content) => {
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(host);
    card.onExecuteAction = (action) => {
      if (action instanceof AdaptiveCards.OpenUrlAction) window.open(action.url, "_blank", "noopener");
      else if (action instanceof AdaptiveCards.SubmitAction) press(action.data);
    };
    card.parse(fitting(content));
    place.replaceChildren(card.render());
    dialog.scrollTop = 0;
  };

  const show = (answer) => {
    const task = answer && answer.task;
    if (!task) {
      dialog.close();
      return;
    }
    say("");
    if (task.type === "message") {
      byId("dialog-title").textContent ||= "Rollcall";
      place.replaceChildren();
      say(String(task.value));
    } else {
      byId("dialog-title").textContent = task.value.title || "Rollcall";
      draw(task.value.card.content);
    }
    if (!dialog.open) dialog.showModal();
    place.querySelector("input, textarea, select")?.focus({ preventScroll: true });
  };

  const press = async (data) => {
    if (busy) return;
    busy = true;
    dialog.setAttribute("aria-busy", "true");
    try {
      show(await post("/_rollcall/dialog", { at, data }));
    } catch {
      say("The demo does not answer. What you typed is still here; try again.");
    } finally {
      busy = false;
      dialog.removeAttribute("aria-busy");
    }
  };

  byId("dialog-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    place.replaceChildren();
    byId("dialog-title").textContent = "";
    say("");
  });

  // ---------------------------------------------------------------- clock

  const move = async (moment) => {
    const buttons = [...byId("moments").children];
    buttons.forEach((button) => (button.disabled = true));
    byId("clock").dataset.moving = "true";
    try {
      byId("clock").textContent = (await post("/_rollcall/clock", { to: moment })).clock;
    } catch {
      byId("clock").textContent = "The demo has ended";
    } finally {
      delete byId("clock").dataset.moving;
      buttons.forEach((button) => (button.disabled = false));
    }
  };

  const listen = () => {
    const events = new WebSocket(`ws://${location.host}/_rollcall/events`);
    events.addEventListener("message", (message) => {
      const event = JSON.parse(message.data);
      if (event.clock) byId("clock").textContent = event.clock;
      if (event.dialog) {
        at = event.at;
        show(event.dialog);
      }
    });
    events.addEventListener("close", () => setTimeout(listen, 2000));
  };

  byId("notice").textContent = showing.notice;
  for (const moment of showing.moments) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = moment.label;
    button.title = moment.hint;
    button.addEventListener("click", () => move(moment.id));
    byId("moments").append(button);
  }
  listen();
})();
