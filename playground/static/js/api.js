// The server's doors. Every answer is JSON; a failure becomes {ok: false, error} with words for a person.

const TROUBLE = "We had some trouble connecting. Try again?";

async function read(response) {
  if (!response.ok) throw new Error(`The local workspace answered ${response.status}.`);
  return response.json();
}

async function get(path, params) {
  const query = new URLSearchParams(
    Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
  return read(await fetch(`/ui/${path}?${query}`, { headers: { Accept: "application/json" } }));
}

async function post(path, body) {
  try {
    const response = await fetch(`/ui/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    return response.ok ? answer : { ok: false, ack: null, ...answer, error: answer.error || TROUBLE };
  } catch (error) {
    // The network or a non-JSON answer: in both cases nothing is known about the outcome, and typed text stays.
    console.error(error);
    return { ok: false, error: TROUBLE, ack: null };
  }
}

export const api = {
  trouble: TROUBLE,
  state: (as) => get("state", { as }),
  messages: (as, channel) => get("messages", { as, channel }),
  home: (as, open) => get("home", { as, open: open ? 1 : null }),
  views: (as) => get("views", { as }),
  act: (as, body) => post("act", { as, ...body }),
  clock: (body) => post("clock", body),
};

/** Hints over a WebSocket; connects again by itself, and says when the line is up or down. */
export class Live {
  constructor({ onHint, onLine }) {
    Object.assign(this, { onHint, onLine, socket: null, timer: null, wait: 500 });
  }

  watch(as) {
    this.as = as;
    clearTimeout(this.timer);
    const before = this.socket;
    this.socket = null;
    before?.close();
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ui/ws?as=${encodeURIComponent(this.as)}`);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = 500;
      if (this.socket === socket) this.onLine(true);
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.onHint(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.onLine(false);
      this.timer = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(this.wait * 2, 8000);
    };
  }
}

/** Run at most one call of an async function at a time; calls meanwhile are served by one more run at the end. */
export function coalesce(run) {
  let current = null;
  let again = false;
  const go = async () => {
    do {
      again = false;
      await run();
    } while (again);
  };
  return () => {
    if (current) again = true;
    else
      current = go().finally(() => {
        current = null;
      });
    return current;
  };
}
