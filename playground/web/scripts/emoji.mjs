// Writes src/blocks/emoji.json: every name that Slack knows for an emoji, and what skin tones make of it.
import { readFileSync, writeFileSync } from "node:fs";

const SOURCE = new URL("../node_modules/emoji-datasource/emoji.json", import.meta.url);
const TARGET = new URL("../src/blocks/emoji.json", import.meta.url);
const TONE = /[\u{1F3FB}-\u{1F3FF}]/gu;

const characters = (unified) => String.fromCodePoint(...unified.split("-").map((code) => parseInt(code, 16)));

function inTones(template, tones) {
  let seen = 0;
  return template.replace(TONE, () => characters(tones[seen++ % tones.length]));
}

function templates(variations) {
  const one = variations["1F3FB"] ?? variations["1F3FB-1F3FB"];
  const two = variations["1F3FB-1F3FC"];
  return { one: one && characters(one.unified), two: two && characters(two.unified) };
}

// The page keeps one template an emoji instead of all its variations, which holds only while tones stand in order.
function check(emoji, found) {
  for (const [key, variation] of Object.entries(emoji.skin_variations ?? {})) {
    const tones = key.split("-");
    const template = tones.length === 2 && tones[0] !== tones[1] ? found.two : found.one;
    if (inTones(template, tones) !== characters(variation.unified)) {
      throw new Error(`${emoji.short_name} in ${key} does not follow its template`);
    }
  }
}

const data = JSON.parse(readFileSync(SOURCE, "utf8")).sort((a, b) => a.sort_order - b.sort_order);
const names = {};
const toned = {};
const paired = {};
for (const emoji of data) {
  const shown = characters(emoji.unified);
  for (const name of emoji.short_names) {
    names[name] = shown;
  }
  const found = templates(emoji.skin_variations ?? {});
  check(emoji, found);
  if (found.one) {
    toned[shown] = found.one;
  }
  if (found.two) {
    paired[shown] = found.two;
  }
}
writeFileSync(TARGET, `${JSON.stringify({ names, toned, paired })}\n`);
