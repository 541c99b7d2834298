/** Where one is: as whom, and at what. It stands in the address, so that reload, back and a second tab just work. */

import { useCallback, useEffect, useState } from "react";

export interface Place {
  as: string;
  /** A channel's id, or "app". */
  at: string;
  /** In a channel: the thread that is open. In the app: "home" or "messages". */
  detail: string;
}

export const APP = "app";

export function readPlace(): Place {
  const as = new URLSearchParams(location.search).get("as") ?? "";
  const archived = archivedAt(location.pathname);
  if (archived && !location.hash) return { as, ...archived };
  const [at = "", detail = ""] = location.hash.slice(1).split("/");
  return { as, at, detail };
}

function archivedAt(path: string): Omit<Place, "as"> | undefined {
  const [whole, channel = "", seconds, micros] = /^\/archives\/([A-Z0-9]+)(?:\/p(\d+)(\d{6}))?/.exec(path) ?? [];
  return whole ? { at: channel, detail: seconds ? `${seconds}.${micros}` : "" } : undefined;
}

/** Where one of this workspace's own links to messages leads. */
export function placeOfLink(href: string): Omit<Place, "as"> | undefined {
  const url = URL.canParse(href, location.href) ? new URL(href, location.href) : undefined;
  return url?.origin === location.origin ? archivedAt(url.pathname) : undefined;
}

export function addressOf({ as, at, detail }: Place): string {
  const who = as ? `?as=${encodeURIComponent(as)}` : "";
  return `/${who}${at ? `#${at}${detail ? `/${detail}` : ""}` : ""}`;
}

export function usePlace(): [Place, (change: Partial<Place>) => void] {
  const [place, setPlace] = useState(readPlace);
  useEffect(() => {
    const reread = () => setPlace(readPlace());
    addEventListener("popstate", reread);
    return () => removeEventListener("popstate", reread);
  }, []);
  const go = useCallback((change: Partial<Place>) => {
    const before = readPlace();
    const after = { ...before, ...change };
    if (addressOf(after) !== addressOf(before)) history.pushState(null, "", addressOf(after));
    setPlace(after);
  }, []);
  return [place, go];
}
