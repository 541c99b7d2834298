/** What the elements of a surface hold: Slack's state.values, and what its client checks before it sends them. */

import type { Block, Element, Held, Values } from "../protocol";
import type { Key } from "../words";
import type { FileElement, InputBlock, TextElement } from "./shapes";

// What each element with a memory holds, by its name in state.values.
const VALUE_KEYS: Record<string, string> = {
  plain_text_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  number_input: "value",
  rich_text_input: "rich_text_value",
  file_input: "files",
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  users_select: "selected_user",
  conversations_select: "selected_conversation",
  channels_select: "selected_channel",
  multi_static_select: "selected_options",
  multi_external_select: "selected_options",
  checkboxes: "selected_options",
  multi_users_select: "selected_users",
  multi_conversations_select: "selected_conversations",
  multi_channels_select: "selected_channels",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
};
// Slack shows these with an empty list, not null, when nothing is chosen.
const LISTS = new Set(["selected_options", "selected_users", "selected_conversations", "selected_channels", "files"]);

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const INTEGER = /^-?\d+$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
export const LONGEST_TEXT = 3000;

/** Give what every element with a memory holds before anybody has touched it. */
export function initialValues(blocks: Block[]): Values {
  const values: Values = {};
  for (const { block, element } of slots(blocks)) {
    const id = blockId(block);
    values[id] = { ...values[id], [actionId(element)]: initialValue(element) };
  }
  return values;
}

/** Give the values after the blocks have changed: what is held stays where block, action and type are the same. */
export function keep(values: Values, blocks: Block[]): Values {
  const fresh = initialValues(blocks);
  for (const [block, entries] of Object.entries(fresh)) {
    for (const [action, initial] of Object.entries(entries)) {
      const before = values[block]?.[action];
      entries[action] = before?.type === initial.type ? before : initial;
    }
  }
  return fresh;
}

/** Give the values with one entry replaced. */
export function withHeld(values: Values, block: string, action: string, held: Held): Values {
  return { ...values, [block]: { ...values[block], [action]: held } };
}

/** Give the entry of state.values for an element that holds the value. */
export function holding(element: Element, value: unknown): Held {
  const key = VALUE_KEYS[element.type] ?? "value";
  const empty = LISTS.has(key) ? [] : null;
  return { type: element.type, [key]: value ?? empty };
}

/** Give the bare value out of an entry of state.values. */
export function valueOf(held: Held | undefined): unknown {
  return held && held[VALUE_KEYS[held.type] ?? "value"];
}

/** Give the value as acts carry it: options by their value (whole ones from external menus), files by their id. */
export function rawValue(element: Element, held: Held | undefined): unknown {
  const value = valueOf(held);
  if (element.type.includes("external") || value === null || value === undefined) {
    return value;
  }
  if (element.type === "file_input") {
    return Array.isArray(value) ? value.map(idOf) : [];
  }
  return Array.isArray(value) ? value.map(optionValue) : optionValue(value);
}

export function blockId(block: Block): string {
  return block.block_id ?? "";
}

export function actionId(element: Element): string {
  return element.action_id ?? "";
}

/** Find what the client would not send: block_id → what is wrong with the field. */
export function problems(blocks: Block[], values: Values): Record<string, Key> {
  const found: Record<string, Key> = {};
  for (const { block, element } of slots(blocks)) {
    const held = values[blockId(block)]?.[actionId(element)] ?? initialValue(element);
    const key = block.type === "input" ? problem(block as InputBlock, element, valueOf(held)) : undefined;
    if (key) {
      found[blockId(block)] = key;
    }
  }
  return found;
}

function initialValue(element: Element): Held {
  const key = VALUE_KEYS[element.type] ?? "value";
  const isTyped = key === "value" || key === "rich_text_value";
  const given = element[isTyped ? "initial_value" : key.replace("selected", "initial")];
  return holding(element, fits(key, given) ? given : undefined);
}

// What no element can hold would be refused with everything that is sent along with it.
function fits(key: string, value: unknown): boolean {
  if (LISTS.has(key)) {
    return Array.isArray(value);
  }
  if (key === "selected_option" || key === "rich_text_value") {
    return isObject(value);
  }
  return key === "selected_date_time" ? Number.isSafeInteger(value) : typeof value === "string";
}

interface Slot {
  block: Block;
  element: Element;
}

function slots(blocks: Block[]): Slot[] {
  return everyBlock(blocks).flatMap((block) =>
    elementsOf(block)
      .filter((element) => Object.hasOwn(VALUE_KEYS, element.type))
      .map((element) => ({ block, element })),
  );
}

// What is no block at all is shown as such, and holds nothing.
function everyBlock(blocks: Block[]): Block[] {
  return blocks.filter(isObject).flatMap((block) => [block, ...everyBlock(nested(block))]);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function nested(block: Block): Block[] {
  const inner = block.type === "container" ? block.child_blocks : block.type === "carousel" ? block.elements : [];
  return Array.isArray(inner) ? (inner as Block[]) : [];
}

function elementsOf(block: Block): Element[] {
  const listed = block.type === "actions" || block.type === "context_actions" ? block.elements : block.actions;
  const held: unknown[] = [block.accessory, block.element, ...(Array.isArray(listed) ? (listed as unknown[]) : [])];
  return held.filter((one): one is Element => isObject(one) && "type" in one);
}

function optionValue(value: unknown): unknown {
  return isObject(value) && "value" in value ? value.value : value;
}

function idOf(file: unknown): unknown {
  return isObject(file) && "id" in file ? file.id : file;
}

function problem(block: InputBlock, element: Element, value: unknown): Key | undefined {
  if (isEmpty(value)) {
    return block.optional ? undefined : "required";
  }
  if (Array.isArray(value)) {
    const most = Number(element.max_selected_items ?? (element as FileElement).max_files ?? Infinity);
    return value.length > most ? "tooMany" : undefined;
  }
  return CHECKS[element.type]?.(element, String(value));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

const CHECKS: Record<string, (element: TextElement, value: string) => Key | undefined> = {
  plain_text_input: lengthProblem,
  email_text_input: (_, value) => (EMAIL.test(value) ? undefined : "notEmail"),
  url_text_input: (_, value) => (isUrl(value) ? undefined : "notUrl"),
  number_input: numberProblem,
};

function lengthProblem(element: TextElement, value: string): Key | undefined {
  const length = characters(value);
  if (length < (element.min_length ?? 0)) {
    return "tooShort";
  }
  return length > (element.max_length ?? LONGEST_TEXT) ? "tooLong" : undefined;
}

/** Count as the server does, by characters and not by UTF-16 units. */
export function characters(text: string): number {
  return Array.from(text).length;
}

function isUrl(value: string): boolean {
  try {
    const { protocol, hostname } = new URL(value);
    return /^https?:\/\//i.test(value) && /^https?:$/.test(protocol) && hostname !== "";
  } catch {
    return false;
  }
}

function numberProblem(element: TextElement, value: string): Key | undefined {
  if (!(element.is_decimal_allowed ? DECIMAL : INTEGER).test(value)) {
    return "notNumber";
  }
  return isWithin(element, Number(value)) ? undefined : "outOfRange";
}

/** Whether a number_input takes the number. */
export function isWithin({ min_value, max_value }: TextElement, number: number): boolean {
  return !(min_value && number < Number(min_value)) && !(max_value && number > Number(max_value));
}
