/** Times as people read them, in their language and time zone. */

import { formatOf } from "../blocks/dates";
import type { Language } from "../words";

function locale(language: Language): string {
  return language === "ja" ? "ja-JP" : "en-US";
}

export function ofTs(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function clockTime(at: Date, language: Language, tz: string): string {
  return formatOf(locale(language), { hour: "numeric", minute: "2-digit", timeZone: tz }).format(at);
}

export function day(at: Date, language: Language, tz: string): string {
  return formatOf(locale(language), { month: "long", day: "numeric", weekday: "short", timeZone: tz }).format(at);
}

export function dayAndTime(at: Date, language: Language, tz: string): string {
  const format = { month: "numeric", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit" } as const;
  return formatOf(locale(language), { ...format, timeZone: tz }).format(at);
}

/** The wall clock of a zone at an instant, as `2026-11-24T09:00:00`. */
export function wallTime(at: Date, tz: string): string {
  const parts = formatOf("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: tz }).format(at);
  return parts.replace(" ", "T");
}

/** The instant at which the clocks of a zone show a wall time. */
export function instantOf(wall: string, tz: string): Date {
  const guess = new Date(`${wall}Z`);
  const shown = new Date(`${wallTime(guess, tz)}Z`);
  return new Date(guess.getTime() - (shown.getTime() - guess.getTime()));
}

/** Tomorrow at nine, where the person is. */
export function tomorrowAtNine(now: Date, tz: string): Date {
  const today = new Date(`${wallTime(now, tz).slice(0, 10)}T09:00:00Z`);
  today.setUTCDate(today.getUTCDate() + 1);
  return instantOf(today.toISOString().slice(0, 19), tz);
}

export function inDays(now: Date, days: number): Date {
  return new Date(now.getTime() + days * 86_400_000);
}
