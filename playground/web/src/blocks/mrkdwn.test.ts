import { expect, test } from "vitest";
import { decoded, readMrkdwn, readPlain } from "./mrkdwn";
import { visibleText } from "./rich";
import type { RichPart } from "./shapes";

const NASTY = import.meta.glob<string[]>("../../../../../shared/data/nasty/blns.json", {
  eager: true,
  import: "default",
});
const strings = Object.values(NASTY).flat();

/** Read text that is one section, and give its parts. */
function parts(text: string, verbatim = true): RichPart[] {
  const elements = readMrkdwn(text, verbatim);
  expect(elements).toHaveLength(1);
  const [section] = elements;
  return section?.type === "rich_text_list" || !section ? [] : section.elements;
}

const say = (text: string) => ({ type: "text", text });
const bold = (text: string) => ({ ...say(text), style: { bold: true } });
const italic = (text: string) => ({ ...say(text), style: { italic: true } });
const code = (text: string) => ({ ...say(text), style: { code: true } });

test.each<[string, unknown[]]>([
  ["*bold*", [bold("bold")]],
  ["_italic_", [italic("italic")]],
  ["~strike~", [{ ...say("strike"), style: { strike: true } }]],
  ["`code`", [code("code")]],
  ["*スコア* 78　🔥", [bold("スコア"), say(" 78　🔥")]],
  ["（*太字*）、*次*。", [say("（"), bold("太字"), say("）、"), bold("次"), say("。")]],
  ["*L-12　中村 理恵 様* を", [bold("L-12　中村 理恵 様"), say(" を")]],
  ["*a _b_*", [bold("a "), { ...say("b"), style: { bold: true, italic: true } }]],
  ["_斜体_ かな", [italic("斜体"), say(" かな")]],
  ["*bold `co*de` end*", [bold("bold "), { ...code("co*de"), style: { bold: true, code: true } }, bold(" end")]],
])("%s is styled", (text, expected) => {
  expect(parts(text)).toEqual(expected);
});

test.each([
  "*太字*です",
  "snake_case_name",
  "2*3*4",
  "* not bold *",
  "*unclosed",
  "*over\ntwo lines*",
  "_斜体_かな",
  "**",
  "``",
  "# x",
  "---",
  "- a\n- b\n1. c",
  "<script>",
  "<script>alert(1)</script>",
  "a < b > c",
  "<!unknown>",
  "<@not a person>",
  "18:00〜19:00",
  "9：00〜18：00",
  "=HYPERLINK(x)",
  "<>",
  "<|x>",
])("%s shows as it was typed", (text) => {
  expect(parts(text)).toEqual([say(text)]);
});

test.each<[string, unknown[]]>([
  ["<https://x.example/_b?d=1&amp;e=2|label>", [{ type: "link", url: "https://x.example/_b?d=1&e=2", text: "label" }]],
  ["<https://x.example>", [{ type: "link", url: "https://x.example", text: "https://x.example" }]],
  ["<mailto:a@b.example|a@b.example>", [{ type: "link", url: "mailto:a@b.example", text: "a@b.example" }]],
  ["<slack://app?team=T01&id=A01|Home>", [{ type: "link", url: "slack://app?team=T01&id=A01", text: "Home" }]],
  ["<@U01AOKI>", [{ type: "user", user_id: "U01AOKI" }]],
  ["<@U01AOKI|aoki>", [{ type: "user", user_id: "U01AOKI", label: "aoki" }]],
  ["<#C01|sales>", [{ type: "channel", channel_id: "C01", label: "sales" }]],
  ["<!here>", [{ type: "broadcast", range: "here" }]],
  ["<!channel|channel>", [{ type: "broadcast", range: "channel" }]],
  ["<!everyone>", [{ type: "broadcast", range: "everyone" }]],
  ["<!subteam^S01|@sales>", [{ type: "usergroup", usergroup_id: "S01", label: "sales" }]],
  ["<!date^17^{time}|9:40>", [{ type: "date", timestamp: 17, format: "{time}", fallback: "9:40" }]],
  [
    "<!date^17^{time}^https://x.example/?a=1&amp;b=2|9:40>",
    [{ type: "date", timestamp: 17, format: "{time}", url: "https://x.example/?a=1&b=2", fallback: "9:40" }],
  ],
  [":wave::skin-tone-2:", [{ type: "emoji", name: "wave::skin-tone-2" }]],
  [":+1: :wave:", [{ type: "emoji", name: "+1" }, say(" "), { type: "emoji", name: "wave" }]],
  ["*<https://x.example|a*b>*", [{ type: "link", url: "https://x.example", text: "a*b", style: { bold: true } }]],
  ["`<https://x.example|x.example>`", [code("x.example")]],
])("%s is a token", (text, expected) => {
  expect(parts(text)).toEqual(expected);
});

test.each([
  ["&lt;!channel&gt;", "<!channel>"],
  ["&lt;@U1&gt; &lt;https://evil.example|x&gt;", "<@U1> <https://evil.example|x>"],
  ["&amp;lt;", "&lt;"],
  ["*&amp;lt;*", "&lt;"],
  ["`&amp;lt;`", "&lt;"],
  ["&quot;", "&quot;"],
])("%s is decoded once, after the tokens", (text, shown) => {
  expect(parts(text).map((part) => part.type)).toEqual(["text"]);
  expect(visibleText(readMrkdwn(text, true))).toBe(shown);
});

test.each([
  ["see https://x.example/a_b_c.", "https://x.example/a_b_c"],
  ["（https://x.example/a）です", "https://x.example/a"],
  ["&lt;https://x.example/?a=1&amp;b=2&gt;", "https://x.example/?a=1&b=2"],
])("the bare address in %s is linked, but not where it is verbatim", (text, url) => {
  const links = (verbatim: boolean) => parts(text, verbatim).filter((part) => part.type === "link");
  expect(links(false)).toEqual([{ type: "link", url, text: url }]);
  expect(links(true)).toEqual([]);
});

test.each<[string, [string, string][]]>([
  ["> a\n> b\nc", [["rich_text_quote", "a\nb"], ["rich_text_section", "c"]]],
  ["&gt; a", [["rich_text_quote", "a"]]],
  ["a\n>>> b\nc", [["rich_text_section", "a"], ["rich_text_quote", "b\nc"]]],
  [
    "a\n```\nx *y*\n```\nb",
    [["rich_text_section", "a"], ["rich_text_preformatted", "x *y*"], ["rich_text_section", "b"]],
  ],
  ["```&lt;b&gt;```", [["rich_text_preformatted", "<b>"]]],
  ["``` open", [["rich_text_section", "``` open"]]],
])("%j stands in blocks of its own", (text, expected) => {
  expect(readMrkdwn(text, true).map((element) => [element.type, visibleText([element])])).toEqual(expected);
});

test("plain text knows emoji alone, and none where it is told so", () => {
  expect(readPlain("*a* <@U1> :eyes:")).toEqual([say("*a* <@U1> "), { type: "emoji", name: "eyes" }]);
  expect(readPlain(":eyes:", false)).toEqual([say(":eyes:")]);
  expect(readPlain("")).toEqual([]);
});

test("decoding leaves other entities alone", () => {
  expect(decoded("&amp;&lt;&gt;&nbsp;")).toBe("&<>&nbsp;");
});

test.skipIf(strings.length === 0)("every nasty string reads the same as plain text and as escaped mrkdwn", () => {
  for (const text of strings) {
    const plain = visibleText([{ type: "rich_text_section", elements: readPlain(text) }]);
    expect(plain).toBe(text);
    const escaped = escapedAsTheBotDoes(text);
    for (const verbatim of [true, false]) {
      expect(withoutQuotes(visibleText(readMrkdwn(escaped, verbatim)))).toBe(withoutQuotes(decoded(escaped)));
    }
  }
});

const HARMLESS: Record<string, string> = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "＊", _: "＿", "~": "～", "`": "｀",
};

function escapedAsTheBotDoes(text: string): string {
  return text.replace(/[&<>*_~`]/g, (one) => HARMLESS[one] ?? one);
}

// A line that begins with > is a quote to Slack, escaped or not.
function withoutQuotes(text: string): string {
  return text.replace(/^(?:>>>|>) ?/gm, "");
}
