// Emoji by Slack's short names. Round and square colour marks are drawn by CSS, so that they look the same on
// machines without a colour emoji font; the rest are characters. Unknown names stay literal, as in Slack.
import { h } from "./dom.js";

const SHAPES = {
  red_circle: "circle red",
  large_green_circle: "circle green",
  green_circle: "circle green",
  large_yellow_circle: "circle yellow",
  yellow_circle: "circle yellow",
  large_orange_circle: "circle orange",
  orange_circle: "circle orange",
  large_blue_circle: "circle blue",
  blue_circle: "circle blue",
  large_purple_circle: "circle purple",
  large_brown_circle: "circle brown",
  white_circle: "circle white",
  black_circle: "circle black",
  large_red_square: "square red",
  large_green_square: "square green",
  large_yellow_square: "square yellow",
  large_orange_square: "square orange",
  large_blue_square: "square blue",
  white_large_square: "square white",
  black_large_square: "square black",
  red_square: "square red",
};
const SHAPE_CHARS = {
  "🔴": "circle red",
  "🟢": "circle green",
  "🟡": "circle yellow",
  "🟠": "circle orange",
  "🔵": "circle blue",
  "🟣": "circle purple",
  "🟤": "circle brown",
  "⚪": "circle white",
  "⚫": "circle black",
  "🟥": "square red",
  "🟩": "square green",
  "🟨": "square yellow",
  "🟧": "square orange",
  "🟦": "square blue",
  "⬜": "square white",
  "⬛": "square black",
};
const CHARS = {
  white_check_mark: "✅",
  heavy_check_mark: "✔",
  ballot_box_with_check: "☑",
  x: "❌",
  warning: "⚠",
  bell: "🔔",
  no_bell: "🔕",
  calendar: "📅",
  date: "📅",
  spiral_calendar_pad: "🗓",
  clock1: "🕐",
  clock4: "🕓",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  alarm_clock: "⏰",
  chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉",
  bar_chart: "📊",
  clipboard: "📋",
  memo: "📝",
  pencil: "✏",
  pencil2: "✏",
  pushpin: "📌",
  paperclip: "📎",
  link: "🔗",
  lock: "🔒",
  unlock: "🔓",
  key: "🔑",
  mag: "🔍",
  bulb: "💡",
  fire: "🔥",
  zap: "⚡",
  rocket: "🚀",
  tada: "🎉",
  wave: "👋",
  eyes: "👀",
  thumbsup: "👍",
  "+1": "👍",
  thumbsdown: "👎",
  "-1": "👎",
  clap: "👏",
  pray: "🙏",
  ok_hand: "👌",
  muscle: "💪",
  raised_hands: "🙌",
  point_right: "👉",
  smile: "😄",
  slightly_smiling_face: "🙂",
  thinking_face: "🤔",
  cry: "😢",
  heart: "❤",
  star: "⭐",
  trophy: "🏆",
  checkered_flag: "🏁",
  triangular_flag_on_post: "🚩",
  rotating_light: "🚨",
  construction: "🚧",
  no_entry: "⛔",
  no_entry_sign: "🚫",
  stop_sign: "🛑",
  sos: "🆘",
  question: "❓",
  grey_question: "❔",
  exclamation: "❗",
  information_source: "ℹ",
  arrow_up: "⬆",
  arrow_down: "⬇",
  arrow_right: "➡",
  arrow_left: "⬅",
  arrow_upper_right: "↗",
  arrow_lower_right: "↘",
  left_right_arrow: "↔",
  repeat: "🔁",
  arrows_counterclockwise: "🔄",
  palm_tree: "🌴",
  beach_with_umbrella: "🏖",
  email: "✉",
  envelope: "✉",
  inbox_tray: "📥",
  outbox_tray: "📤",
  package: "📦",
  file_folder: "📁",
  hammer_and_wrench: "🛠",
  gear: "⚙",
  test_tube: "🧪",
  microscope: "🔬",
  robot_face: "🤖",
  speech_balloon: "💬",
  loudspeaker: "📢",
  mega: "📣",
  moneybag: "💰",
  dart: "🎯",
  beetle: "🐞",
  bug: "🐛",
  sunny: "☀",
  sunrise: "🌅",
  snowflake: "❄",
  coffee: "☕",
  busts_in_silhouette: "👥",
  bust_in_silhouette: "👤",
  small_red_triangle: "🔺",
  small_red_triangle_down: "🔻",
  small_blue_diamond: "🔹",
  black_small_square: "▪",
};

function shape(kind, name) {
  const [form, colour] = kind.split(" ");
  return h("span", { class: `emoji-shape ${form} ${colour}`, role: "img", "aria-label": name.replaceAll("_", " ") });
}

/** A node for :name:, or null when the name is unknown. */
export function emojiNode(name, unicode) {
  if (SHAPES[name]) return shape(SHAPES[name], name);
  if (CHARS[name])
    return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, CHARS[name]);
  if (unicode) return String.fromCodePoint(...unicode.split("-").map((code) => Number.parseInt(code, 16)));
  return null;
}

const SHAPE_PATTERN = new RegExp(`(${Object.keys(SHAPE_CHARS).join("|")})\uFE0F?`, "u");

/** Text as nodes, with colour marks typed as characters drawn like the named ones. */
export function textNodes(text) {
  return text
    .split(SHAPE_PATTERN)
    .filter((part) => part !== "")
    .map((part) =>
      SHAPE_CHARS[part] ? shape(SHAPE_CHARS[part], SHAPE_CHARS[part].split(" ").reverse().join(" ")) : part,
    );
}

/** Text with :names: replaced, for plain_text objects with emoji: true. */
export function withEmoji(text) {
  return text.split(/(:[a-z0-9_+-]+:)/).flatMap((part) => {
    const name = /^:([a-z0-9_+-]+):$/.exec(part);
    return (name && emojiNode(name[1])) || textNodes(part);
  });
}
