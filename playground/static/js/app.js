// The controller: fetches what the hints name, sends what people do, and asks the panes to draw.
import { api, coalesce, Live } from "./api.js";
import { dayKey } from "./dates.js";
import { toast } from "./dom.js";
import { HOME, Store } from "./store.js";

const CLOCK_POLL_MS = 15000;

export class App {
  constructor(panes) {
    this.store = new Store();
    this.panes = panes; // topbar, sidebar, main, thread, modal: each has draw(app)
    this.online = true;
    this.live = new Live({ onHint: (hint) => this.hint(hint), onLine: (up) => this.line(up) });
    this.loadState = coalesce(() => this.fetchState());
    this.loadMessages = coalesce(() => this.fetchMessages());
    this.loadViews = coalesce(() => this.fetchViews());
    this.loadHome = coalesce(() => this.fetchHome(false));
  }

  async start() {
    const [me, place] = location.hash.slice(1).split("/");
    const first = await api.state(me);
    const people = first.users.filter((user) => !user.deleted && !user.is_bot && user.id !== first.app.user_id);
    const known = people.find((user) => user.id === me) || people.find((user) => user.featured) || people[0];
    this.store.me = known.id;
    this.store.take(known.id, first.me?.id === known.id ? first : await api.state(known.id));
    await api.act(known.id, { kind: "start" }); // a page that is loaded again is a new client: no modal is open in it
    this.live.watch(known.id);
    this.go(place === HOME || this.store.conversation(place) ? place : this.store.placeFor(known.id));
    this.loadViews();
    window.addEventListener("hashchange", () => this.follow());
    setInterval(() => this.loadState(), CLOCK_POLL_MS); // a running clock sends no hint for every minute
  }

  /** Back and forward in the browser. */
  follow() {
    const [me, place] = location.hash.slice(1).split("/");
    if (me !== this.store.me && this.store.user(me)) this.become(me, place);
    else if (place && place !== this.store.current && (place === HOME || this.store.conversation(place)))
      this.go(place);
  }

  draw() {
    for (const pane of Object.values(this.panes)) pane.draw(this);
    document.title = `${this.placeName()} · ${this.store.state.workspace.name}`;
  }

  placeName() {
    return this.store.current === HOME
      ? `${this.store.app.name} home`
      : this.store.conversation(this.store.current)?.name || "";
  }

  async become(me, place) {
    const { store } = this;
    this.closeMenu(); // at once: who opens it again while the answer is under way keeps it open
    store.me = me;
    store.thread = null;
    const before = store.states.get(me);
    if (before) store.state = { ...before, clock: store.state.clock };
    store.current = place || (before ? store.placeFor(me) : null);
    this.draw();
    this.live.watch(me);
    store.take(me, await api.state(me));
    if (store.me !== me) return; // switched again meanwhile
    this.show(place || store.placeFor(me));
    this.loadViews();
  }

  closeMenu() {
    document.body.classList.remove("menu-open");
  }

  /** Somebody chose a place: on a phone the menu makes room for it. */
  go(place) {
    this.closeMenu();
    this.show(place);
  }

  show(place) {
    const { store } = this;
    const moved = store.current !== place;
    store.current = place;
    store.lastPlace.set(store.me, place);
    if (moved) store.thread = null;
    const hash = `#${store.me}/${place}`;
    if (location.hash !== hash) history.pushState(null, "", hash);
    this.draw();
    if (place === HOME) this.fetchHome(true);
    else this.loadMessages();
  }

  openThread(ts) {
    this.store.thread = ts;
    this.draw();
    this.panes.thread.focus();
  }

  closeThread() {
    this.store.thread = null;
    this.draw();
  }

  // Fetching

  async guarded(work) {
    try {
      await work();
    } catch (error) {
      if (this.online) console.error(error); // a restart of the server; the next hint or reconnect fetches again
    }
  }

  fetchState() {
    return this.guarded(async () => {
      const { me } = this.store;
      const state = await api.state(me);
      this.store.take(me, state);
      if (this.store.me !== me) return;
      if (this.store.current !== HOME && !this.store.conversation(this.store.current)) this.show(this.store.placeFor(me));
      this.draw();
    });
  }

  fetchMessages() {
    return this.guarded(async () => {
      const { me, current } = this.store;
      if (!current || current === HOME) return;
      const { messages } = await api.messages(me, current);
      this.store.setList(me, current, messages);
      const conversation = this.store.conversation(current);
      if (conversation && me === this.store.me) conversation.unread = 0;
      if (me === this.store.me && current === this.store.current) this.draw();
    });
  }

  fetchViews() {
    return this.guarded(async () => {
      const { me } = this.store;
      const { stack } = await api.views(me);
      this.store.stacks.set(me, stack);
      if (me === this.store.me) this.panes.modal.draw(this);
    });
  }

  fetchHome(open) {
    return this.guarded(async () => {
      const { me } = this.store;
      const { view } = await api.home(me, open);
      this.store.homes.set(me, view);
      if (me === this.store.me && this.store.current === HOME) this.panes.main.draw(this);
    });
  }

  line(up) {
    const back = up && !this.online;
    this.online = up;
    this.panes.topbar.draw(this);
    if (back) this.refresh();
  }

  refresh() {
    return Promise.all([
      this.loadState(),
      this.loadMessages(),
      this.loadViews(),
      this.store.current === HOME ? this.loadHome() : null,
    ]);
  }

  hint(hint) {
    if (hint.type === "views") this.loadViews();
    else if (hint.type === "home") this.loadHome();
    else if (hint.type === "state") this.loadState();
    else if (hint.type === "clock") this.tick(hint);
    else if (hint.type === "message" && hint.channel === this.store.current) this.loadMessages();
    else this.loadState();
  }

  tick(hint) {
    const { clock } = this.store.state;
    const day = dayKey(this.store.now, this.store.tz);
    const was = clock.busy;
    Object.assign(clock, { now: hint.now ?? clock.now, busy: Boolean(hint.busy) });
    if (dayKey(this.store.now, this.store.tz) !== day) this.draw();
    else this.panes.topbar.draw(this);
    if (was && !clock.busy) this.refresh();
  }

  // Doing

  async act(body) {
    const answer = await api.act(this.store.me, body);
    this.loadViews();
    if (this.store.current === HOME) this.loadHome();
    else this.loadMessages();
    return answer;
  }

  async moveClock(control) {
    const { clock } = this.store.state;
    if (clock.busy) return;
    clock.busy = true;
    this.pressed = control.id;
    this.panes.topbar.draw(this);
    const answer = await api.clock({ control: control.id });
    clock.busy = false;
    this.pressed = null;
    if (answer.now) clock.now = answer.now;
    if (!answer.ok) toast(answer.error || "The clock did not move. Try again.", "error");
    await this.refresh();
    this.draw();
  }

  /** What the drawing code of one message, view or home needs to know and may do. */
  context({ form, container, files = [], onError }) {
    const { store } = this;
    return {
      form,
      me: () => store.me,
      tz: () => store.tz,
      now: () => store.now,
      user: (id) => store.user(id),
      users: () => store.state.users.filter((user) => user.id !== store.app.user_id),
      conversations: () => store.state.conversations,
      conversation: (id) => store.conversation(id),
      openConversation: (id) => this.go(id),
      file: (id) => files.find((file) => file.id === id) || null,
      salt: `${store.me}|${dayKey(store.now, store.tz)}`,
      act: async (element) => {
        onError?.(null);
        const answer = await this.act({
          kind: "action",
          container,
          block_id: element.block_id,
          action_id: element.action_id,
          element,
          state: { values: form.toValues() },
        });
        if (!answer.ok) onError?.(answer.error || api.trouble);
        return answer;
      },
      options: (element, value) =>
        this.actQuietly({
          kind: "options",
          container,
          block_id: element.block_id,
          action_id: element.action_id,
          element,
          value,
        }),
    };
  }

  actQuietly(body) {
    return api.act(this.store.me, body);
  }
}
