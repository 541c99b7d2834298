/** What every part of the page needs to know of the workspace, and how it acts. */

import { createContext, useContext } from "react";
import type { Channel, Message, Person, Result, Slices } from "../protocol";
import type { Say } from "../words";
import type { Send } from "./connection";
import type { Place } from "./place";

export interface Office {
  slices: Slices;
  messages: Record<string, Message[]>;
  me: Person;
  people: Map<string, Person>;
  channels: Map<string, Channel>;
  place: Place;
  go: (change: Partial<Place>) => void;
  send: Send;
  /** Act, and tell the person when it failed. */
  act: (...act: Parameters<Send>) => Promise<Result>;
  /** Put a line into the composer. */
  suggestLine: (line: string) => void;
}

export const OfficeContext = createContext<Office | null>(null);

export function useOffice(): Office {
  const office = useContext(OfficeContext);
  if (!office) throw new Error("outside of the office");
  return office;
}

export function nameOf(person: Person | undefined, id: string): string {
  return person ? person.display_name || person.real_name || person.name : id;
}

/** The channels of a person, by name; the app's direct messages stand apart. */
export function ownChannels(slices: Slices): Channel[] {
  const mine = slices.channels.filter((one) => !one.im_user && one.members.includes(slices.me));
  return mine.sort((one, other) => one.name.localeCompare(other.name));
}

export function directMessages(slices: Slices): Channel | undefined {
  return slices.channels.find((one) => one.im_user === slices.me);
}

/** Say why an act failed: the server has words, in the person's language; a lost connection has the page's. */
export function failure(result: Result, say: Say): string {
  return result.say ?? say(result.error === "connection_lost" ? "failedLost" : "failedOther", { error: result.error ?? "?" });
}
