import { useCallback, useState } from "react";
import { keep, withHeld } from "../blocks/state";
import type { Block, Held, Values } from "../protocol";

export type Change = (blockId: string, actionId: string, held: Held) => void;

/** What the elements of one message or view hold; what was typed stays where its element stays. */
export function useValues(id: string, blocks: Block[], held: Values = {}): [Values, Change] {
  const [known, setKnown] = useState(() => ({ id, blocks, values: keep(held, blocks) }));
  let current = known;
  if (known.id !== id || known.blocks !== blocks) {
    current = { id, blocks, values: known.id === id ? keep(known.values, blocks) : keep(held, blocks) };
    setKnown(current);
  }
  const change = useCallback<Change>((blockId, actionId, held) => {
    setKnown((before) => ({ ...before, values: withHeld(before.values, blockId, actionId, held) }));
  }, []);
  return [current.values, change];
}
