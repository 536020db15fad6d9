// Dates and times in the reader's zone. "Now" is the workspace's simulated clock, never the machine's.

const LOCALE = "en-GB";

function zone(tz) {
  try {
    new Intl.DateTimeFormat(LOCALE, { timeZone: tz });
    return tz || "UTC";
  } catch (error) {
    if (error instanceof RangeError) return "UTC"; // a zone this browser does not know
    throw error;
  }
}

export function format(date, tz, options) {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: zone(tz), ...options }).format(date);
}

export function fromTs(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

export function timeOf(date, tz) {
  return format(date, tz, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function dayOf(date, tz) {
  return format(date, tz, { weekday: "long", day: "numeric", month: "long" });
}

/** "2026-11-27" in the zone: used to compare calendar days. */
export function dayKey(date, tz) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone(tz),
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    })
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}`;
}

export function clockText(date, tz) {
  return {
    weekday: format(date, tz, { weekday: "long" }),
    date: format(date, tz, { day: "numeric", month: "long", year: "numeric" }),
    time: timeOf(date, tz),
  };
}

function shiftDays(date, days) {
  return new Date(date.getTime() + days * 86400000);
}

/** "today", "yesterday", "tomorrow" or null, seen from now. */
function nearDay(date, now, tz) {
  const key = dayKey(date, tz);
  if (key === dayKey(now, tz)) return "today";
  if (key === dayKey(shiftDays(now, -1), tz)) return "yesterday";
  if (key === dayKey(shiftDays(now, 1), tz)) return "tomorrow";
  return null;
}

/** A heading between days: "Today", "Yesterday" or "Friday 27 November". */
export function dayHeading(date, now, tz) {
  const near = nearDay(date, now, tz);
  return near === "today" ? "Today" : near === "yesterday" ? "Yesterday" : dayOf(date, tz);
}

function ago(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const steps = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) || steps[3];
  return new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

const DATE_TOKENS = {
  date_num: (d, tz) => dayKey(d, tz),
  date_slash: (d, tz) => format(d, tz, { day: "2-digit", month: "2-digit", year: "numeric" }),
  date_short: (d, tz) => format(d, tz, { day: "numeric", month: "short", year: "numeric" }),
  date: (d, tz) => format(d, tz, { day: "numeric", month: "long", year: "numeric" }),
  date_long: (d, tz) => format(d, tz, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  date_long_full: (d, tz) => format(d, tz, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  time: (d, tz) => timeOf(d, tz),
  time_secs: (d, tz) => format(d, tz, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
};

/** Slack's date tokens ({date_long}, {date_pretty}, {time}, {ago} ...) in the reader's zone; null if a token is unknown. */
export function slackDate(seconds, pattern, now, tz) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  let known = true;
  const text = pattern.replace(/\{([a-z_]+)\}/g, (whole, token) => {
    if (token === "ago") return ago(date, now);
    const plain = token.replace(/_pretty$/, "");
    if (!(plain in DATE_TOKENS)) known = false;
    else return (token !== plain && nearDay(date, now, tz)) || DATE_TOKENS[plain](date, tz);
    return whole;
  });
  return known ? text : null;
}

/** What <input type=datetime-local> needs for this instant in the zone: "2026-11-27T16:00". */
export function toLocalInput(seconds, tz) {
  const date = new Date(seconds * 1000);
  return `${dayKey(date, tz)}T${timeOf(date, tz)}`;
}

/** The Unix seconds at which a clock in the zone shows this local text. */
export function fromLocalInput(local, tz) {
  const asUtc = Date.parse(`${local}:00Z`) / 1000;
  if (Number.isNaN(asUtc)) return null;
  let guess = asUtc;
  for (let turn = 0; turn < 3; turn += 1) {
    const shown = Date.parse(`${toLocalInput(guess, tz)}:00Z`) / 1000;
    guess += asUtc - shown;
  }
  return guess;
}
