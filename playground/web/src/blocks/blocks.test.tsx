import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Block } from "../protocol";
import { LanguageContext, type Language } from "../words";
import { Blocks } from "./blocks";
import { withSafeLinks } from "./safe_json";
import { initialValues } from "./state";

const SURFACES = import.meta.glob<{ blocks: Block[] }>("../../../../../shared/ux/*.json", {
  eager: true,
  import: "default",
});
const surfaces = Object.entries(SURFACES);

function markup(blocks: Block[], language: Language = "en", errors: Record<string, string> = {}): string {
  const where = { view: "V1" };
  return renderToStaticMarkup(
    <LanguageContext value={language}>
      <Blocks blocks={blocks} where={where} values={initialValues(blocks)} onChange={() => {}} errors={errors} />
    </LanguageContext>,
  );
}

function textOf(html: string): string {
  const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };
  return html.replace(/<[^>]*>/g, "").replace(/&[#\w]+;/g, (entity) => entities[entity] ?? entity);
}

function idsOf(html: string): string[] {
  return Array.from(html.matchAll(/ id="([^"]*)"/g), (match) => match[1] ?? "");
}

const plain = (text: string) => ({ type: "plain_text", text });
const option = (text: string) => ({ text: plain(text), value: text });

function numbered(blocks: Block[]): Block[] {
  return blocks.map((block, index) => ({ ...block, block_id: `b${index}` }));
}

test.skipIf(surfaces.length === 0).each(surfaces)("%s is shown whole, in both languages", (_, { blocks }) => {
  for (const language of ["ja", "en"] as const) {
    const html = markup(numbered(blocks), language);
    expect(html).not.toContain("b-broken");
    const ids = idsOf(html);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("hostile text shows as text, and nothing of it becomes markup or a mention", () => {
  const typed = "<!here> *x* `rm` <script>alert(1)</script>\n# x\n---";
  const html = markup([
    { type: "rich_text", elements: [{ type: "rich_text_quote", elements: [{ type: "text", text: typed }] }] },
    { type: "header", text: plain(typed) },
    { type: "section", text: { type: "mrkdwn", text: "&lt;!channel&gt;", verbatim: true } },
  ]);
  expect(textOf(html)).toBe(`${typed}${typed}<!channel>`);
  expect(html).not.toContain("<script");
  expect(html).not.toContain("b-mention");
});

test("a button's address is followed only where it is safe", () => {
  const button = (url: string) => {
    return markup([{ type: "actions", elements: [{ type: "button", action_id: "a", text: plain("Go"), url }] }]);
  };
  expect(button("javascript:alert(1)")).not.toMatch(/javascript|<a /);
  expect(button("https://x.example/")).toMatch(/<a [^>]*href="https:\/\/x.example\/"[^>]*rel="noopener noreferrer"/);
});

test("pictures are never fetched", () => {
  const html = markup([
    { type: "image", image_url: "https://x.example/a.png", alt_text: "A cat" },
    { type: "context", elements: [{ type: "image", image_url: "https://x.example/b.png", alt_text: "A dog" }] },
    { type: "video", alt_text: "A film", title: plain("T"), thumbnail_url: "https://x.example/t" },
  ]);
  expect(html).not.toMatch(/<img|<iframe|src=/);
  expect(textOf(html)).toMatch(/A cat.*A dog.*A film/);
});

test("a block that nobody knows shows its type and its JSON, beside the others", () => {
  const html = markup([{ type: "hologram", depth: 3 }, { type: "header", text: plain("Still here") }]);
  expect(textOf(html)).toContain("This block cannot be shown (hologram)");
  expect(textOf(html)).toContain('"depth": 3');
  expect(textOf(html)).toContain("Still here");
});

test("what is handed to the library has no address that is unsafe or fetched", () => {
  const safe = withSafeLinks({
    type: "task_card",
    sources: [
      { type: "url", url: "javascript:alert(1)", text: "x" },
      { type: "url", url: "https://x.example", text: "y" },
    ],
    icon: { type: "image", image_url: "https://x.example/i.png", alt_text: "i" },
  });
  expect(JSON.stringify(safe)).not.toMatch(/javascript|i\.png/);
  expect(JSON.stringify(safe)).toContain("https://x.example");
  const markdown = withSafeLinks({ type: "markdown", text: "![a](https://x.example/i.png)" });
  expect(markdown.text).toBe("[a](https://x.example/i.png)");
});

const ELEMENTS = [
  { type: "plain_text_input", multiline: true, initial_value: "x" },
  { type: "email_text_input" },
  { type: "url_text_input" },
  { type: "number_input", is_decimal_allowed: false },
  { type: "rich_text_input" },
  { type: "file_input", filetypes: ["csv"] },
  { type: "static_select", option_groups: [{ label: plain("G"), options: [option("a")] }] },
  { type: "multi_static_select", options: [option("a")], initial_options: [option("a")] },
  { type: "external_select" },
  { type: "multi_external_select" },
  { type: "users_select", initial_user: "U1" },
  { type: "multi_users_select" },
  { type: "conversations_select" },
  { type: "multi_conversations_select" },
  { type: "channels_select" },
  { type: "multi_channels_select" },
  { type: "radio_buttons", options: [option("a"), option("b")], initial_option: option("b") },
  { type: "checkboxes", options: [option("a"), option("b")] },
  { type: "datepicker", initial_date: "2026-11-24" },
  { type: "timepicker", initial_time: "10:25" },
  { type: "datetimepicker", initial_date_time: 1795483500 },
];

test.each(ELEMENTS)("$type is named by its label and its error", (element) => {
  const inner = { ...element, action_id: "v" };
  const block = { type: "input", block_id: "b", label: plain("Company"), element: inner, hint: plain("Hint") };
  const html = markup([block], "en", { b: "Wrong" });
  const ids = new Set(idsOf(html));
  const named = Array.from(html.matchAll(/aria-(?:labelledby|describedby)="([^"]*)"| for="([^"]*)"/g));
  const pointed = named.flatMap((match) => (match[1] ?? match[2] ?? "").split(" "));
  expect(pointed.length).toBeGreaterThan(1);
  expect(pointed.filter((id) => !ids.has(id))).toEqual([]);
  expect(html).toContain('aria-invalid="true"');
  expect(textOf(html)).toContain("⚠ Wrong");
});

test("radios of two blocks with one action do not share a name", () => {
  const radio = (block_id: string) => ({
    type: "section",
    block_id,
    text: plain("x"),
    accessory: { type: "radio_buttons", action_id: "v", options: [option("a"), option("b")] },
  });
  const html = markup([radio("one"), radio("two")]);
  const names = Array.from(html.matchAll(/ name="([^"]*)"/g), (match) => match[1]);
  expect(names).toHaveLength(4);
  expect(new Set(names).size).toBe(2);
});

test("a table shows texts, numbers and rich text, its first row as heads", () => {
  const html = markup([
    {
      type: "table",
      column_settings: [{ align: "center" }],
      rows: [
        [{ type: "raw_text", text: "Name" }, { type: "raw_text", text: "Count" }],
        [
          { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "Aoki" }] }] },
          { type: "raw_number", value: 1234 },
        ],
      ],
    },
  ]);
  expect(html).toMatch(/<th scope="col" class="b-center">/);
  expect(html).toMatch(/<td class="b-right">1,234<\/td>/);
  expect(textOf(html)).toContain("Aoki");
});
