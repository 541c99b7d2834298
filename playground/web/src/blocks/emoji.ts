/** Emoji by Slack's names. The whole map is a chunk of its own; until it has come, the most common ones are known. */

import { useSyncExternalStore } from "react";

interface EmojiMap {
  names: Record<string, string>;
  /** Emoji → the same in the lightest tone, to be recoloured. */
  toned: Record<string, string>;
  /** Emoji of two people → the same in the two lightest tones. */
  paired: Record<string, string>;
}

export type EmojiLookup = (name: string) => string | undefined;

export interface FoundEmoji {
  name: string;
  emoji: string;
}

const COMMON: EmojiMap = {
  names: {
    "+1": "👍", "-1": "👎", raised_hand: "✋", hand: "✋", white_check_mark: "✅",
    heavy_check_mark: "✔️", x: "❌", eyes: "👀", tada: "🎉", fire: "🔥", zzz: "💤", wave: "👋",
    pray: "🙏", heart: "❤️", smile: "😄", joy: "😂", thinking_face: "🤔", raised_hands: "🙌",
    clap: "👏", rocket: "🚀", warning: "⚠️", alarm_clock: "⏰", seedling: "🌱",
    leftwards_arrow_with_hook: "↩️",
  },
  toned: {},
  paired: {},
};
const TONES = ["\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"];
const TONED_NAME = /^(.+)::skin-tone-([2-6])(?:-([2-6]))?$/;

let known = COMMON;
let lookup: EmojiLookup = (name) => emojiOf(name);
let asked = false;
const listeners = new Set<() => void>();

/** Find an emoji by its name without colons, such as `wave` or `wave::skin-tone-2`. */
export function emojiOf(name: string): string | undefined {
  const toned = TONED_NAME.exec(name);
  if (!toned) {
    return own(known.names, name);
  }
  const base = own(known.names, toned[1] ?? "");
  return base && recoloured(base, Number(toned[2]), Number(toned[3] ?? toned[2]));
}

/** Find emoji for a picker: names that begin with the text first, then those that contain it, each emoji once. */
export function searchEmoji(text: string, most = 60): FoundEmoji[] {
  const wanted = text.trim().toLowerCase().replace(/^:|:$/g, "").replace(/\s+/g, "_");
  const named = Object.entries(known.names).filter(([name]) => name.includes(wanted));
  const ordered = [
    ...named.filter(([name]) => name.startsWith(wanted)),
    ...named.filter(([name]) => !name.startsWith(wanted)),
  ];
  const seen = new Set<string>();
  const found = ordered.filter(([, emoji]) => !seen.has(emoji) && seen.add(emoji));
  return found.slice(0, most).map(([name, emoji]) => ({ name, emoji }));
}

export async function loadEmoji(): Promise<void> {
  if (asked) {
    return;
  }
  asked = true;
  try {
    known = (await import("./emoji.json")).default;
    lookup = (name) => emojiOf(name);
    listeners.forEach((listener) => listener());
  } catch {
    // Without the map, rare emoji show by name; the next subscriber asks again.
    asked = false;
  }
}

/** Give the lookup. It is another function once the whole map is there, so what depends on it renders again. */
export function useEmoji(): EmojiLookup {
  return useSyncExternalStore(subscribe, () => lookup, () => lookup);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  void loadEmoji();
  return () => listeners.delete(listener);
}

function recoloured(base: string, first: number, second: number): string {
  const template = first === second ? known.toned[base] : known.paired[base];
  const tones = [TONES[first - 2] ?? "", TONES[second - 2] ?? ""];
  let seen = 0;
  return template?.replace(/[\u{1F3FB}-\u{1F3FF}]/gu, () => tones[seen++ % 2] ?? "") ?? base;
}

// Names come from what people typed: `constructor` is no emoji.
function own(map: Record<string, string>, name: string): string | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}
