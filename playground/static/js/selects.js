// All select elements, single and multi, on top of one combobox.
import { Combobox } from "./combobox.js";
import { words } from "./text.js";

function optionEntry(option) {
  return {
    key: JSON.stringify([option.value, words(option.text)]),
    text: words(option.text),
    note: words(option.description),
    item: option,
  };
}

function optionGroups(source) {
  if (source.option_groups)
    return source.option_groups.map((group) => ({ label: words(group.label), items: group.options.map(optionEntry) }));
  return [{ items: (source.options || []).map(optionEntry) }];
}

function userEntry(user) {
  return { key: user.id, text: user.real_name || user.name, note: user.title || `@${user.name}`, item: user.id };
}

function conversationEntry(conversation) {
  return {
    key: conversation.id,
    text: `${conversation.kind === "im" ? "" : "#"}${conversation.name}`,
    item: conversation.id,
  };
}

function byId(find, entry) {
  return (id) => {
    const found = find(id);
    return found ? entry(found) : { key: id, text: id, item: id };
  };
}

/** Suggestions asked of the app; nothing is asked before min_query_length characters. */
function external(element, io) {
  return async (query) => {
    const least = element.min_query_length ?? 3;
    if (query.length < least) return Object.assign([], { hint: `Type ${least} or more characters to search.` });
    const answer = await io.options(element, query);
    const groups = answer.ok ? optionGroups(answer.ack || {}) : [];
    return answer.ok ? groups : Object.assign([], { hint: answer.error || "No answer. Try again." });
  };
}

function source(element, io) {
  const { ctx } = io;
  const kind = element.type.replace(/^multi_/, "");
  if (kind === "static_select") return { groups: () => optionGroups(element), entry: optionEntry };
  if (kind === "external_select") return { groups: external(element, io), entry: optionEntry, remote: true };
  if (kind === "users_select") {
    const people = () => [
      {
        items: ctx
          .users()
          .filter((user) => !user.deleted && !user.is_bot)
          .map(userEntry),
      },
    ];
    return { groups: people, entry: byId((id) => ctx.user(id), userEntry) };
  }
  const wanted = (conversation) => kind !== "channels_select" || conversation.kind === "channel";
  const rooms = () => [{ items: ctx.conversations().filter(wanted).map(conversationEntry) }];
  return { groups: rooms, entry: byId((id) => ctx.conversation(id), conversationEntry) };
}

/** @returns {HTMLElement} the select; io.get/io.set hold its value, io.changed tells the app. */
export function select(element, io) {
  const multi = element.type.startsWith("multi_");
  const { groups, entry, remote } = source(element, io);
  const value = io.get();
  const chosen = (multi ? value : value ? [value] : []).map(entry);
  let dirty = false;
  const tell = () => {
    if (dirty) io.changed();
    dirty = false;
  };
  const box = new Combobox({
    label: io.label || words(element.placeholder) || "Choose",
    labelled: io.labelled,
    id: io.id,
    field: io.field,
    multi,
    groups,
    remote,
    chosen,
    placeholder: words(element.placeholder),
    required: io.required,
    max: element.max_selected_items,
    clearable: io.clearable,
    onChange: (entries) => {
      io.set(multi ? entries.map((one) => one.item) : (entries[0]?.item ?? null));
      dirty = true;
      if (!multi || !box.isOpen) tell();
    },
    onClose: tell,
  });
  return box.node;
}
