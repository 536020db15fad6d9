// What a person has typed into one view or message, and how Slack reports it in state.values.
// A value lives under block_id + action_id: it survives an update that keeps both, and is dropped otherwise.

/** Field of state.values for each stateful element type, and the value an untouched element has. */
const FIELDS = {
  plain_text_input: ["value", null, "initial_value"],
  email_text_input: ["value", null, "initial_value"],
  url_text_input: ["value", null, "initial_value"],
  number_input: ["value", null, "initial_value"],
  rich_text_input: ["rich_text_value", null, "initial_value"],
  file_input: ["files", [], "initial_files"],
  static_select: ["selected_option", null, "initial_option"],
  external_select: ["selected_option", null, "initial_option"],
  radio_buttons: ["selected_option", null, "initial_option"],
  checkboxes: ["selected_options", [], "initial_options"],
  multi_static_select: ["selected_options", [], "initial_options"],
  multi_external_select: ["selected_options", [], "initial_options"],
  users_select: ["selected_user", null, "initial_user"],
  multi_users_select: ["selected_users", [], "initial_users"],
  conversations_select: ["selected_conversation", null, "initial_conversation"],
  multi_conversations_select: ["selected_conversations", [], "initial_conversations"],
  channels_select: ["selected_channel", null, "initial_channel"],
  multi_channels_select: ["selected_channels", [], "initial_channels"],
  datepicker: ["selected_date", null, "initial_date"],
  timepicker: ["selected_time", null, "initial_time"],
  datetimepicker: ["selected_date_time", null, "initial_date_time"],
};

export function isStateful(element) {
  return Boolean(element && FIELDS[element.type]);
}

/** The name under which Slack reports the value of this element type, e.g. "selected_option". */
export function fieldOf(type) {
  return FIELDS[type][0];
}

function initialOf(element) {
  const [, empty, initial] = FIELDS[element.type];
  const given = element[initial];
  return given === undefined || given === "" ? empty : given;
}

export function isEmpty(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Every element of a block that may carry state, children of containers and cards included. */
function elementsOf(block) {
  if (block.type === "container") return (block.child_blocks || []).flatMap((child) => stateful(child));
  const own = [block.element, block.accessory, ...(block.type === "actions" ? block.elements || [] : [])];
  return own.filter(isStateful).map((element) => ({ block, element }));
}

function stateful(block) {
  return elementsOf(block);
}

export class FormState {
  constructor() {
    this.values = new Map();
    this.errors = {};
  }

  static key(blockId, actionId) {
    return JSON.stringify([blockId, actionId]);
  }

  /** Take over a new set of blocks: keep what is still asked for, drop the rest, fill in initial values. */
  bind(blocks) {
    this.blocks = blocks;
    const next = new Map();
    for (const { block, element } of blocks.flatMap(stateful)) {
      const key = FormState.key(block.block_id, element.action_id);
      const kept = this.values.get(key);
      const same = kept && kept.type === element.type;
      next.set(key, {
        type: element.type,
        block: block.block_id,
        action: element.action_id,
        value: same ? kept.value : initialOf(element),
      });
    }
    this.values = next;
  }

  get(blockId, element) {
    const entry = this.values.get(FormState.key(blockId, element.action_id));
    return entry ? entry.value : initialOf(element);
  }

  set(blockId, element, value) {
    const entry = this.values.get(FormState.key(blockId, element.action_id));
    if (entry) entry.value = value;
  }

  /** state.values as Slack sends it. */
  toValues() {
    const out = {};
    for (const { type, block, action, value } of this.values.values()) {
      out[block] ??= {};
      out[block][action] = { type, [fieldOf(type)]: value === "" ? null : value };
    }
    return out;
  }

  /** What the client itself refuses before anything is sent: {block_id: words}. */
  check() {
    const errors = {};
    for (const { block, element } of this.blocks.flatMap(stateful)) {
      if (block.type !== "input") continue;
      const words = fault(element, this.get(block.block_id, element), Boolean(block.optional));
      if (words) errors[block.block_id] = words;
    }
    return errors;
  }

  inputIds() {
    return new Set(
      this.blocks
        .flatMap(stateful)
        .filter(({ block }) => block.type === "input")
        .map(({ block }) => block.block_id),
    );
  }
}

function fault(element, value, optional) {
  if (isEmpty(value)) return optional ? null : "Please complete this required field.";
  switch (element.type) {
    case "number_input":
      return numberFault(element, value);
    case "email_text_input":
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? null : "Please enter a valid email address.";
    case "url_text_input":
      return /^https?:\/\/\S+\.\S+|^https?:\/\/localhost\b/.test(value) ? null : "Please enter a valid URL.";
    case "plain_text_input":
      return lengthFault(element, value);
    default:
      return null;
  }
}

function lengthFault(element, value) {
  const length = [...value].length;
  const max = element.max_length || 3000;
  if (length > max) return `Please use at most ${max} characters. This has ${length}.`;
  if (element.min_length && length < element.min_length) return `Please use at least ${element.min_length} characters.`;
  return null;
}

function numberFault(element, value) {
  const shape = element.is_decimal_allowed ? /^-?\d+([.]\d+)?$/ : /^-?\d+$/;
  if (!shape.test(value)) return element.is_decimal_allowed ? "Please enter a number." : "Please enter a whole number.";
  const low = element.min_value !== undefined && Number(value) < Number(element.min_value);
  const high = element.max_value !== undefined && Number(value) > Number(element.max_value);
  if (low) return `Please enter ${element.min_value} or more.`;
  return high ? `Please enter ${element.max_value} or less.` : null;
}
