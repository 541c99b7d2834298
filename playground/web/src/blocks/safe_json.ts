/** Makes the JSON of a block safe for a renderer that follows every address in it. */

import type { Block } from "../protocol";
import { safeHref } from "./links";

const ADDRESS = /(?:^|_)(?:url|uri|href)$/;
// Fetched as soon as they are shown, which would tell strangers who reads what.
const FETCHED = /^(?:image|thumbnail|video|icon|provider_icon)_url$/;
const PICTURES = new Set(["icon", "hero_image"]);
const MARKDOWN_IMAGE = /!(\[[^\]]*\]\s*[([])/g;

/** Give a copy without addresses that may not be followed and without anything that is fetched. */
export function withSafeLinks(block: Block): Block {
  const safe = cleaned(block) as Block;
  if (safe.type === "markdown" && typeof safe.text === "string") {
    return { ...safe, text: safe.text.replace(MARKDOWN_IMAGE, "$1") };
  }
  return safe;
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(cleaned);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const kept = Object.entries(value).filter(([key, inner]) => isKept(key, inner));
  return Object.fromEntries(kept.map(([key, inner]) => [key, cleaned(inner)]));
}

function isKept(key: string, value: unknown): boolean {
  if (FETCHED.test(key) || PICTURES.has(key)) {
    return false;
  }
  return !ADDRESS.test(key) || safeHref(value) !== undefined;
}
