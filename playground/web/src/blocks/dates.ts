/** Slack's date tokens, and the times that people enter, in the reader's language and time zone. */

import type { Language } from "../words";

export interface Reader {
  language: Language;
  tz: string;
  /** What "today" and "ago" count from. */
  now: Date;
}

const DAY = 24 * 60 * 60 * 1000;
// Slack leaves the year out within about six months of now.
const NEAR = 183 * DAY;
const AGO: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["day", DAY],
  ["hour", 60 * 60 * 1000],
  ["minute", 60 * 1000],
  ["second", 1000],
];
const LONG = { month: "long", day: "numeric" } as const;
const SHORT = { month: "short", day: "numeric" } as const;
const WEEKDAY = { ...LONG, weekday: "long" } as const;
const TIME = { hour: "numeric", minute: "2-digit" } as const;

type Shape = Intl.DateTimeFormatOptions;

export function localeOf(language: Language): string {
  return language === "ja" ? "ja-JP" : "en-US";
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Give a format, made once: to make one is dear, and every message shows times. */
export function formatOf(locale: string, shape: Shape): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(shape);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, shape);
  formats.set(key, format);
  return format;
}

/** Fill Slack's tokens, such as `{date_short_pretty} {time}`. Unknown tokens stay as they are. */
export function formatDate(timestamp: number, format: string, reader: Reader): string {
  const date = new Date(timestamp * 1000);
  if (Number.isNaN(date.getTime())) {
    return format;
  }
  return format.replace(/\{(\w+)\}/g, (whole, token: string) => filledToken(date, token, reader) ?? whole);
}

/** Give the full date and time, for a tooltip. */
export function fullDate(timestamp: number, reader: Reader): string {
  return formatDate(timestamp, reader.language === "ja" ? "{date_long} {time}" : "{date_long} at {time}", reader);
}

/** Give what a datetime-local field holds for an instant: 2026-11-24T10:25. */
export function toLocal(epoch: number, tz: string): string {
  return new Date(epoch * 1000 + offset(epoch * 1000, tz)).toISOString().slice(0, 16);
}

/** Give the instant (epoch seconds) that a datetime-local field names; undefined while it is incomplete. */
export function toEpoch(local: string, tz: string): number | undefined {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) {
    return undefined;
  }
  // The offset belongs to the instant, not to the wall clock: the second round is for the hours around a change.
  const guess = wall - offset(wall, tz);
  return Math.floor((wall - offset(guess, tz)) / 1000);
}

function filledToken(date: Date, token: string, reader: Reader): string | undefined {
  switch (token) {
    case "date_num":
      return dayNumber(date, reader.tz);
    case "date_slash":
      return dayNumber(date, reader.tz).replaceAll("-", "/");
    case "date":
      return day(date, LONG, reader);
    case "date_short":
      return day(date, SHORT, reader);
    case "date_long":
      return day(date, WEEKDAY, reader);
    case "date_pretty":
      return nearDay(date, reader) ?? day(date, LONG, reader);
    case "date_short_pretty":
      return nearDay(date, reader) ?? day(date, SHORT, reader);
    case "date_long_pretty":
    case "day_divider_pretty":
      return nearDay(date, reader) ?? day(date, WEEKDAY, reader);
    case "time":
      return shaped(date, TIME, reader);
    case "time_secs":
      return shaped(date, { ...TIME, second: "2-digit" }, reader);
    case "ago":
      return ago(date, reader);
    default:
      return undefined;
  }
}

function shaped(date: Date, shape: Shape, { language, tz }: Reader): string {
  return formatOf(localeOf(language), { timeZone: knownZone(tz), ...shape }).format(date);
}

function day(date: Date, shape: Shape, reader: Reader): string {
  const isNear = Math.abs(date.getTime() - reader.now.getTime()) < NEAR;
  return shaped(date, isNear ? shape : { ...shape, year: "numeric" }, reader);
}

/** Give yesterday, today or tomorrow in words. */
function nearDay(date: Date, reader: Reader): string | undefined {
  const away = (Date.parse(dayNumber(date, reader.tz)) - Date.parse(dayNumber(reader.now, reader.tz))) / DAY;
  if (Math.abs(away) > 1) {
    return undefined;
  }
  return new Intl.RelativeTimeFormat(reader.language, { numeric: "auto" }).format(away, "day");
}

function ago(date: Date, reader: Reader): string {
  const away = date.getTime() - reader.now.getTime();
  const [unit, length] = AGO.find(([, long]) => Math.abs(away) >= long) ?? ["second", 1000];
  return new Intl.RelativeTimeFormat(reader.language, { numeric: "auto" }).format(Math.trunc(away / length), unit);
}

function dayNumber(date: Date, tz: string): string {
  return toLocal(Math.floor(date.getTime() / 1000), tz).slice(0, 10);
}

/** Give how far the zone is ahead of UTC at an instant, in milliseconds. */
function offset(instant: number, tz: string): number {
  const parts = formatOf("en-US", {
    timeZone: knownZone(tz),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(instant);
  const at = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second"));
  return wall - Math.floor(instant / 1000) * 1000;
}

function knownZone(tz: string): string | undefined {
  try {
    formatOf("en", { timeZone: tz });
    return tz;
  } catch {
    return undefined;
  }
}
