import type { CSSProperties } from "react";
import type { Person } from "../protocol";
import { nameOf } from "./office";

/** A person's first letter on a colour of their own; the app's on the accent colour. */
export function Avatar({ person, id }: { person: Person | undefined; id: string }) {
  const hue = [...id].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 360, 7);
  return (
    <span className={`avatar${person?.is_bot ? " app" : ""}`} style={{ "--hue": hue } as CSSProperties} aria-hidden="true">
      {[...nameOf(person, id)][0] ?? "?"}
    </span>
  );
}
