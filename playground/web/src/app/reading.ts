import { useEffect, useState } from "react";
import type { Message } from "../protocol";
import { useOffice } from "./office";

/** Mark what stands here as read while somebody looks at it; returns the first message that was unread when they came. */
export function useReading(channel: string, shown: Message[]): string {
  const { slices, send } = useOffice();
  const [firstNew] = useState(() => {
    const readBefore = slices.read[channel];
    return readBefore ? (shown.find((one) => one.ts > readBefore && one.user !== slices.me)?.ts ?? "") : "";
  });
  const last = shown.at(-1)?.ts ?? "";
  const readUpTo = slices.read[channel] ?? "";
  useEffect(() => {
    const read = () => {
      if (channel && last > readUpTo && document.visibilityState === "visible") void send({ act: "read", channel, ts: last });
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [channel, last, readUpTo, send]);
  return firstNew;
}
