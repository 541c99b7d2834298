import { useMemo } from "react";
import type { BlocksSurroundings } from "../blocks/context";
import { useEmoji } from "../blocks/emoji";
import type { Channel, Person, Slices } from "../protocol";
import type { Language } from "../words";
import type { Send } from "./connection";
import { upload } from "./files";
import { type Place, placeOfLink } from "./place";
import { useTheme } from "./theme";

interface Known {
  people: Map<string, Person>;
  channels: Map<string, Channel>;
  slices: Slices;
  language: Language;
  send: Send;
  go: (change: Partial<Place>) => void;
}

/** What blocks may know of the page, and how they act through it. */
export function useSurroundings({ people, channels, slices, language, send, go }: Known): BlocksSurroundings {
  const theme = useTheme();
  const emoji = useEmoji();
  const { me } = slices;
  const tz = people.get(me)?.tz ?? "UTC";
  const told = slices.clock.now;
  return useMemo(() => {
    const since = performance.now();
    return {
      people,
      channels,
      language,
      tz,
      me,
      theme,
      emoji,
      now: () => new Date(told).getTime() + performance.now() - since,
      operate: (where, block_id, action_id, value, values) => send({ act: "operate", where, block_id, action_id, value, values }),
      suggest: (where, block_id, action_id, typed) => send({ act: "suggest", where, block_id, action_id, typed }),
      upload: (file) => upload(me, file),
      openLink: (href) => {
        const place = placeOfLink(href);
        if (place) go(place);
        return place !== undefined;
      },
    };
  }, [people, channels, language, tz, me, theme, emoji, told, send, go]);
}
