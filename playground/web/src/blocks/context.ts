/** What blocks need from the page around them. */

import { createContext, useContext } from "react";
import type { Channel, Person, Result, SlackFile, Values, Where } from "../protocol";
import type { Language } from "../words";
import type { EmojiLookup } from "./emoji";

export interface BlocksSurroundings {
  people: Map<string, Person>;
  channels: Map<string, Channel>;
  language: Language;
  tz: string;
  /** The id of the person at the page. */
  me: string;
  theme: "light" | "dark";
  /** The time of the playground's clock, epoch milliseconds; the machine's where it is not given. */
  now?: () => number;
  /** Emoji of the workspace itself, by name, beside those that everybody has. */
  emoji?: EmojiLookup;
  operate(where: Where, block_id: string, action_id: string, value: unknown, values: Values): Promise<Result>;
  suggest(where: Where, block_id: string, action_id: string, typed: string): Promise<Result>;
  upload(file: File): Promise<SlackFile>;
  /** Follow one of the page's own links, `slack://` among them; false where the browser is to do it. */
  openLink?(href: string): boolean;
}

function notHere(): never {
  throw new Error("blocks stand outside of a BlocksContext");
}

export const BlocksContext = createContext<BlocksSurroundings>({
  people: new Map(),
  channels: new Map(),
  language: "ja",
  tz: "Asia/Tokyo",
  me: "",
  theme: "light",
  operate: notHere,
  suggest: notHere,
  upload: notHere,
});

export function useBlocks(): BlocksSurroundings {
  return useContext(BlocksContext);
}
