/** Slack's mrkdwn, read into the elements of a rich_text block, so that the page has one way to show text. */

import type { RichElement, RichPart, RichStyle } from "./shapes";

const STYLES: Record<string, keyof RichStyle> = { "*": "bold", _: "italic", "~": "strike" };
const WORD = /[\p{L}\p{N}_]/u;
const SPACE = /\s/u;
const EMOJI = /:([\p{Ll}\p{Lo}\p{Nd}_+'-]+(?:::skin-tone-[2-6](?:-[2-6])?)?):/uy;
const TOKEN = /<([^<>\n]+)>/y;
const BARE_URL = /https?:\/\/[^\s<>|`"、。「」（）]+/iy;
const BRACKETED_URL = /<([a-z][a-z0-9+.-]*:[^<>|\n]*)(?:\|([^<>\n]*))?>/gi;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const QUOTE = /^(?:>|&gt;) ?/;
const QUOTE_ALL = /^(?:>>>|&gt;&gt;&gt;) ?/;
const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

interface Reading {
  /** Whether bare addresses become links. */
  links: boolean;
  style: RichStyle;
}

/** Read mrkdwn. `verbatim` stops only what Slack would link by itself. */
export function readMrkdwn(text: string, verbatim = false): RichElement[] {
  const reading = { links: !verbatim, style: {} };
  // Every second piece stood between fences.
  const pieces = text.split(/```([\s\S]+?)```/);
  return pieces.flatMap((piece, index) => {
    if (index % 2 === 1) {
      return [preformatted(piece)];
    }
    return readLines(trimmedAtBlocks(piece, index > 0, index < pieces.length - 1), reading);
  });
}

/** Read plain text: nothing in it means anything but `:emoji:`, and not even that where `emoji` is false. */
export function readPlain(text: string, emoji = true): RichPart[] {
  if (typeof text !== "string") {
    throw new TypeError("text that is no text");
  }
  const parts: RichPart[] = [];
  let at = 0;
  while (at < text.length) {
    const found = emoji ? emojiAt(text, at, {}) : undefined;
    (found?.parts ?? [{ type: "text", text: text.charAt(at) } as const]).forEach((part) => push(parts, part));
    at = found?.end ?? at + 1;
  }
  return parts;
}

/** Turn Slack's three entities into the characters they stand for, each once: `&amp;lt;` is `&lt;`. */
export function decoded(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity);
}

// A fenced block stands on lines of its own; the line breaks around it are not empty lines.
function trimmedAtBlocks(text: string, afterBlock: boolean, beforeBlock: boolean): string {
  const begun = afterBlock ? text.replace(/^ *\n/, "") : text;
  return beforeBlock ? begun.replace(/\n$/, "") : begun;
}

function preformatted(text: string): RichElement {
  const inner = text.replace(/^\n/, "").replace(/\n$/, "");
  return { type: "rich_text_preformatted", elements: [{ type: "text", text: literal(inner) }] };
}

function readLines(text: string, reading: Reading): RichElement[] {
  if (!text) {
    return [];
  }
  return runs(text).map(({ quoted, lines }) => ({
    type: quoted ? "rich_text_quote" : "rich_text_section",
    elements: readInline(lines.join("\n"), reading),
  }));
}

/** Group the lines that follow each other by whether they are quoted. */
function runs(text: string): { quoted: boolean; lines: string[] }[] {
  const found: { quoted: boolean; lines: string[] }[] = [];
  let restQuoted = false;
  for (const line of text.split("\n")) {
    const opensRest: boolean = !restQuoted && QUOTE_ALL.test(line);
    restQuoted ||= opensRest;
    const quoted = restQuoted || QUOTE.test(line);
    const shown = opensRest ? line.replace(QUOTE_ALL, "") : line.replace(QUOTE, "");
    const last = found.at(-1);
    if (last?.quoted === quoted) {
      last.lines.push(shown);
    } else {
      found.push({ quoted, lines: [shown] });
    }
  }
  return found;
}

interface Found {
  parts: RichPart[];
  end: number;
}

function readInline(text: string, reading: Reading): RichPart[] {
  const parts: RichPart[] = [];
  let at = 0;
  let plainFrom = 0;
  while (at < text.length) {
    const found = foundAt(text, at, reading);
    if (found) {
      pushText(parts, text.slice(plainFrom, at), reading.style);
      found.parts.forEach((part) => push(parts, part));
      plainFrom = found.end;
    }
    at = found?.end ?? at + 1;
  }
  pushText(parts, text.slice(plainFrom), reading.style);
  return parts;
}

function pushText(parts: RichPart[], text: string, style: RichStyle): void {
  if (text) {
    push(parts, styled({ type: "text", text: decoded(text) }, style));
  }
}

function foundAt(text: string, at: number, reading: Reading): Found | undefined {
  switch (text.charAt(at)) {
    case "<":
      return tokenAt(text, at, reading.style);
    case "`":
      return codeAt(text, at, reading.style);
    case ":":
      return emojiAt(text, at, reading.style);
    case "*":
    case "_":
    case "~":
      return styleAt(text, at, reading);
    default:
      return reading.links ? bareLinkAt(text, at, reading.style) : undefined;
  }
}

function tokenAt(text: string, at: number, style: RichStyle): Found | undefined {
  const [whole, body] = matchAt(TOKEN, text, at) ?? [];
  if (!whole || !body) {
    return undefined;
  }
  const part = token(body);
  return part && { parts: [styled(part, style)], end: at + whole.length };
}

/** Read what stands between < and >; undefined if it means nothing to Slack and is text. */
function token(body: string): RichPart | undefined {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? undefined : decoded(body.slice(bar + 1)) || undefined;
  if (/^@[UW]\w*$/.test(target)) {
    return { type: "user", user_id: target.slice(1), label: label?.replace(/^@/, "") };
  }
  if (/^#[CG]\w*$/.test(target)) {
    return { type: "channel", channel_id: target.slice(1), label: label?.replace(/^#/, "") };
  }
  if (target.startsWith("!")) {
    return command(target.slice(1), label);
  }
  if (!SCHEME.test(target)) {
    return undefined;
  }
  const url = decoded(target);
  return { type: "link", url, text: label ?? url.replace(/^(?:mailto|tel):/, "") };
}

function command(name: string, label?: string): RichPart | undefined {
  if (/^(?:channel|here|everyone)$/.test(name)) {
    return { type: "broadcast", range: name };
  }
  if (/^subteam\^\w+$/.test(name)) {
    return { type: "usergroup", usergroup_id: name.slice("subteam^".length), label: label?.replace(/^@/, "") };
  }
  const [, timestamp, format, url] = /^date\^(\d+)\^([^^]+)(?:\^(.+))?$/.exec(name) ?? [];
  if (timestamp && format) {
    const link = url ? { url: decoded(url) } : {};
    return { type: "date", timestamp: Number(timestamp), format: decoded(format), ...link, fallback: label };
  }
  return label ? { type: "text", text: label } : undefined;
}

function codeAt(text: string, at: number, style: RichStyle): Found | undefined {
  const close = text.indexOf("`", at + 1);
  const inner = text.slice(at + 1, close);
  if (close < 0 || !inner || inner.includes("\n") || !standsAlone(text, at, close)) {
    return undefined;
  }
  return { parts: [{ type: "text", text: literal(inner), style: { ...style, code: true } }], end: close + 1 };
}

// Code shows what was typed, but for addresses: Slack brackets those on its own.
function literal(text: string): string {
  return decoded(text.replace(BRACKETED_URL, (_, url: string, label?: string) => label || url));
}

function emojiAt(text: string, at: number, style: RichStyle): Found | undefined {
  const [whole, name] = matchAt(EMOJI, text, at) ?? [];
  return whole && name ? { parts: [styled({ type: "emoji", name }, style)], end: at + whole.length } : undefined;
}

function styleAt(text: string, at: number, reading: Reading): Found | undefined {
  const mark = text.charAt(at);
  const name = STYLES[mark];
  const close = closing(text, at, mark);
  if (!name || close === undefined || reading.style[name]) {
    return undefined;
  }
  const inner = { ...reading, style: { ...reading.style, [name]: true } };
  return { parts: readInline(text.slice(at + 1, close), inner), end: close + 1 };
}

/** Find the mark that closes the one at `at`, on the same line and outside of tokens and code. */
function closing(text: string, at: number, mark: string): number | undefined {
  for (let next = at + 1; next < text.length && text.charAt(next) !== "\n"; next += 1) {
    const skipped = opaqueEnd(text, next);
    if (skipped !== undefined) {
      next = skipped - 1;
    } else if (text.charAt(next) === mark && next > at + 1 && standsAlone(text, at, next)) {
      return next;
    }
  }
  return undefined;
}

/** Give where a token or a piece of code ends that begins here: no mark inside of it counts. */
function opaqueEnd(text: string, at: number): number | undefined {
  const mark = text.charAt(at);
  return (mark === "<" ? tokenAt(text, at, {}) : mark === "`" ? codeAt(text, at, {}) : undefined)?.end;
}

// Slack wants marks at the edges of words: `*太字*です` keeps its asterisks.
function standsAlone(text: string, open: number, close: number): boolean {
  const isCode = text.charAt(open) === "`";
  const hugs = isCode || !(SPACE.test(text.charAt(open + 1)) || SPACE.test(text.charAt(close - 1)));
  return hugs && !WORD.test(before(text, open)) && !WORD.test(after(text, close));
}

// Letters beyond the basic plane are two units long.
function before(text: string, at: number): string {
  return at > 0 ? (Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? "") : "";
}

function after(text: string, at: number): string {
  const point = text.codePointAt(at + 1);
  return point === undefined ? "" : String.fromCodePoint(point);
}

function bareLinkAt(text: string, at: number, style: RichStyle): Found | undefined {
  if (!/h/i.test(text.charAt(at)) || /[a-z0-9]/i.test(text.charAt(at - 1))) {
    return undefined;
  }
  const [whole] = matchAt(BARE_URL, text, at) ?? [];
  // An escaped bracket ends an address, and so does the punctuation of the sentence around it.
  const url = whole?.replace(/&(?:lt|gt);.*$/s, "").replace(/[.,;:!?)*_~'\]]+$/, "");
  if (!url || /^https?:\/*$/i.test(url)) {
    return undefined;
  }
  return { parts: [styled({ type: "link", url: decoded(url), text: decoded(url) }, style)], end: at + url.length };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function styled(part: RichPart, style: RichStyle): RichPart {
  return Object.keys(style).length > 0 ? { ...part, style } : part;
}

/** Add a part, or lengthen the last one where both are text of one style. */
function push(parts: RichPart[], part: RichPart): void {
  const last = parts.at(-1);
  if (last?.type === "text" && part.type === "text" && sameStyle(last.style, part.style)) {
    parts[parts.length - 1] = { ...last, text: last.text + part.text };
  } else {
    parts.push(part);
  }
}

function sameStyle(one: RichStyle = {}, other: RichStyle = {}): boolean {
  return (["bold", "italic", "strike", "code"] as const).every((name) => one[name] === other[name]);
}
