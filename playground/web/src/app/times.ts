/** Times as people read them, in their language and time zone. */

import { formatOf, localeOf, toEpoch, toLocal } from "../blocks/dates";
import type { Language } from "../words";

export function ofTs(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function clockTime(at: Date, language: Language, tz: string): string {
  return formatOf(localeOf(language), { hour: "numeric", minute: "2-digit", timeZone: tz }).format(at);
}

export function day(at: Date, language: Language, tz: string): string {
  return formatOf(localeOf(language), { month: "long", day: "numeric", weekday: "short", timeZone: tz }).format(at);
}

export function dayAndTime(at: Date, language: Language, tz: string): string {
  const format = { month: "numeric", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit" } as const;
  return formatOf(localeOf(language), { ...format, timeZone: tz }).format(at);
}

/** The day on a zone's calendar, as `2026-11-24`. */
export function dateIn(at: Date, tz: string): string {
  return toLocal(at.getTime() / 1000, tz).slice(0, 10);
}

/** Tomorrow at nine, where the person is. */
export function tomorrowAtNine(now: Date, tz: string): Date {
  const tomorrow = new Date(`${dateIn(now, tz)}T00:00Z`);
  tomorrow.setUTCDate(tomorrow.getUTCDate() + 1);
  return new Date((toEpoch(`${tomorrow.toISOString().slice(0, 10)}T09:00`, tz) ?? 0) * 1000);
}

export function inDays(now: Date, days: number): Date {
  return new Date(now.getTime() + days * 86_400_000);
}
