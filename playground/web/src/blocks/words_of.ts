/** The characters of text objects, for places where no markup can stand: labels, placeholders, native options. */

import type { TextObject } from "../protocol";
import type { EmojiLookup } from "./emoji";

const EMOJI = /:([a-z0-9_+'-]+(?:::skin-tone-[2-6](?:-[2-6])?)?):/g;

export function textWithEmoji(text: TextObject | undefined, emoji: EmojiLookup): string {
  if (!text || text.emoji === false) {
    return text?.text ?? "";
  }
  return text.text.replace(EMOJI, (whole, name: string) => emoji(name) ?? whole);
}
