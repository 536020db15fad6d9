// What the page knows: the workspace, who looks, and what was fetched for whom. No drawing here.
import { FormState } from "./formstate.js";

export const HOME = "home";

export class Store {
  constructor() {
    this.state = null; // last /ui/state
    this.states = new Map(); // me -> their last /ui/state, so that switching persons shows something at once
    this.me = null; // user id
    this.current = null; // conversation id, or HOME
    this.thread = null; // ts of the open thread's parent
    this.messages = new Map(); // "me|channel" -> messages
    this.homes = new Map(); // me -> view
    this.stacks = new Map(); // me -> views
    this.forms = new Map(); // view id or "me|channel|ts" -> FormState
    this.drafts = new Map(); // "me|channel|thread" -> text
    this.lastPlace = new Map(); // me -> conversation id
  }

  take(me, state) {
    this.states.set(me, state);
    if (me === this.me) this.state = state;
  }

  get tz() {
    return this.user(this.me)?.tz || "UTC";
  }

  get now() {
    return new Date(this.state?.clock?.now || 0);
  }

  get app() {
    return this.state?.app || { user_id: "", name: "App", commands: [] };
  }

  user(id) {
    return this.state?.users.find((user) => user.id === id) || null;
  }

  conversation(id) {
    return this.state?.conversations.find((conversation) => conversation.id === id) || null;
  }

  get appDm() {
    return this.state?.conversations.find((conversation) => conversation.is_app_dm) || null;
  }

  list(channel = this.current) {
    return this.messages.get(`${this.me}|${channel}`) || null;
  }

  setList(me, channel, messages) {
    this.messages.set(`${me}|${channel}`, messages);
  }

  parent() {
    return this.list()?.find((message) => message.ts === this.thread) || null;
  }

  form(key) {
    if (!this.forms.has(key)) this.forms.set(key, new FormState());
    return this.forms.get(key);
  }

  /** Where this person was last, else the app's direct message, else the first conversation. */
  placeFor(me) {
    const last = this.lastPlace.get(me);
    if (last === HOME || this.conversation(last)) return last;
    return (this.appDm || this.state.conversations[0])?.id || HOME;
  }
}
