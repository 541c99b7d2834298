import { expect, test } from "vitest";
import type { Block, Element, Values } from "../protocol";
import { holding, initialValues, keep, problems, rawValue } from "./state";

const A = { text: { type: "plain_text", text: "A" }, value: "a" };
const B = { text: { type: "plain_text", text: "B" }, value: "b" };

function element(type: string, more: object = {}): Element {
  return { type, action_id: "v", ...more };
}

function input(block_id: string, inner: Element, more: object = {}): Block {
  return { type: "input", block_id, label: { type: "plain_text", text: "Label" }, element: inner, ...more };
}

test.each<[Element, object]>([
  [element("plain_text_input", { initial_value: "x" }), { value: "x" }],
  [element("plain_text_input"), { value: null }],
  [element("number_input", { initial_value: "60" }), { value: "60" }],
  [element("rich_text_input"), { rich_text_value: null }],
  [element("file_input"), { files: [] }],
  [element("static_select", { initial_option: A }), { selected_option: A }],
  [element("radio_buttons"), { selected_option: null }],
  [element("checkboxes", { initial_options: [A] }), { selected_options: [A] }],
  [element("multi_external_select"), { selected_options: [] }],
  [element("users_select", { initial_user: "U1" }), { selected_user: "U1" }],
  [element("multi_users_select", { initial_users: ["U1"] }), { selected_users: ["U1"] }],
  [element("conversations_select", { initial_conversation: "C1" }), { selected_conversation: "C1" }],
  [element("multi_channels_select"), { selected_channels: [] }],
  [element("datepicker", { initial_date: "2026-11-24" }), { selected_date: "2026-11-24" }],
  [element("timepicker"), { selected_time: null }],
  [element("datetimepicker", { initial_date_time: 1795483500 }), { selected_date_time: 1795483500 }],
])("%o begins as Slack's state.values has it", (inner, held) => {
  expect(initialValues([input("b", inner)])).toEqual({ b: { v: { type: inner.type, ...held } } });
});

test("elements are found wherever blocks hold them, and buttons hold nothing", () => {
  const blocks: Block[] = [
    { type: "section", block_id: "s", accessory: element("users_select") },
    { type: "actions", block_id: "a", elements: [element("button"), element("datepicker", { action_id: "d" })] },
    { type: "container", block_id: "c", child_blocks: [input("inner", element("plain_text_input"))] },
    { type: "context", block_id: "x", elements: [{ type: "mrkdwn", text: "x" }] },
    { type: "divider", block_id: "z" },
  ];
  expect(Object.keys(initialValues(blocks))).toEqual(["s", "a", "inner"]);
  expect(Object.keys(initialValues(blocks).a ?? {})).toEqual(["d"]);
});

test("malformed blocks hold nothing and harm nothing", () => {
  const blocks = [null, { type: "actions" }, { type: "container", child_blocks: 3 }, { type: "section", text: 1 }];
  expect(initialValues(blocks as unknown as Block[])).toEqual({});
  expect(problems(blocks as unknown as Block[], {})).toEqual({});
});

test("what was typed stays where block, action and type are the same", () => {
  const typed: Values = { b: { v: { type: "plain_text_input", value: "typed" } } };
  const same = input("b", element("plain_text_input", { initial_value: "new" }));
  expect(keep(typed, [same])).toEqual(typed);
  expect(keep(typed, [input("other", same.element as Element)]).other?.v?.value).toBe("new");
  const otherAction = input("b", element("plain_text_input", { action_id: "w", initial_value: "new" }));
  expect(keep(typed, [otherAction])).toEqual({ b: { w: { type: "plain_text_input", value: "new" } } });
  const otherType = input("b", element("email_text_input"));
  expect(keep(typed, [otherType])).toEqual(initialValues([otherType]));
  expect(keep(typed, [])).toEqual({});
});

test.each<[Element, unknown, unknown]>([
  [element("plain_text_input"), "x", "x"],
  [element("static_select"), A, "a"],
  [element("multi_static_select"), [A, B], ["a", "b"]],
  [element("external_select"), A, A],
  [element("multi_external_select"), [A], [A]],
  [element("multi_users_select"), ["U1"], ["U1"]],
  [element("datetimepicker"), 1795483500, 1795483500],
  [element("file_input"), [{ id: "F1", name: "a.csv" }], ["F1"]],
  [element("static_select"), null, null],
])("%o holding %j is sent as %j", (inner, value, raw) => {
  expect(rawValue(inner, holding(inner, value))).toEqual(raw);
});

test.each<[string, Element, unknown, string | undefined]>([
  ["empty text", element("plain_text_input"), null, "required"],
  ["cleared text", element("plain_text_input"), "", "required"],
  ["no options", element("checkboxes"), [], "required"],
  ["no file", element("file_input"), [], "required"],
  ["text", element("plain_text_input"), "x", undefined],
  ["short text", element("plain_text_input", { min_length: 3 }), "ab", "tooShort"],
  ["long text", element("plain_text_input", { max_length: 2 }), "abc", "tooLong"],
  ["two characters of four units", element("plain_text_input", { max_length: 2 }), "𠮷🔥", undefined],
  ["text over Slack's own limit", element("plain_text_input"), "x".repeat(3001), "tooLong"],
  ["an e-mail address", element("email_text_input"), "a@b.example", undefined],
  ["no e-mail address", element("email_text_input"), "a@b", "notEmail"],
  ["two e-mail addresses", element("email_text_input"), "a@b.example c@d.example", "notEmail"],
  ["an address", element("url_text_input"), "https://x.example/日本", undefined],
  ["a script", element("url_text_input"), "javascript:alert(1)", "notUrl"],
  ["a host alone", element("url_text_input"), "x.example", "notUrl"],
  ["a whole number", element("number_input", { is_decimal_allowed: false }), "-12", undefined],
  ["a decimal where none may be", element("number_input", { is_decimal_allowed: false }), "1.5", "notNumber"],
  ["a decimal", element("number_input", { is_decimal_allowed: true }), "1.5", undefined],
  ["wide digits", element("number_input", { is_decimal_allowed: false }), "１２", "notNumber"],
  ["too small a number", element("number_input", { is_decimal_allowed: false, min_value: "1" }), "0", "outOfRange"],
  ["too large a number", element("number_input", { is_decimal_allowed: false, max_value: "9" }), "10", "outOfRange"],
  ["too many options", element("multi_static_select", { max_selected_items: 1 }), [A, B], "tooMany"],
  ["too many files", element("file_input", { max_files: 1 }), [{ id: "F1" }, { id: "F2" }], "tooMany"],
])("a form with %s", (_, inner, value, key) => {
  const found = problems([input("b", inner)], { b: { v: holding(inner, value) } });
  expect(found).toEqual(key ? { b: key } : {});
});

test("optional fields may stay empty, and only input blocks are checked", () => {
  const inner = element("plain_text_input");
  expect(problems([input("b", inner, { optional: true })], {})).toEqual({});
  expect(problems([{ type: "section", block_id: "s", accessory: element("users_select") }], {})).toEqual({});
  const email = input("b", element("email_text_input"), { optional: true });
  expect(problems([email], { b: { v: { type: "email_text_input", value: "x" } } })).toEqual({ b: "notEmail" });
});
