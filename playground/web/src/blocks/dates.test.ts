import { expect, test } from "vitest";
import { formatDate, toEpoch, toLocal, type Reader } from "./dates";

// 2026-11-24 10:25 in Tokyo.
const AT = 1795483500;
const ja: Reader = { language: "ja", tz: "Asia/Tokyo", now: new Date(AT * 1000) };
const en: Reader = { ...ja, language: "en" };
const DAY = 86_400;

test.each<[Reader, string, string]>([
  [ja, "{date_num} {time}", "2026-11-24 10:25"],
  [en, "{date_short} {time}", "Nov 24 10:25 AM"],
  [ja, "{date_short_pretty} {time}", "今日 10:25"],
  [en, "{date_pretty}", "today"],
  [ja, "{date}", "11月24日"],
  [ja, "{date_long}", "11月24日火曜日"],
  [en, "{date_long}", "Tuesday, November 24"],
  [ja, "{time_secs}", "10:25:00"],
  [ja, "{unknown}", "{unknown}"],
  [{ ...ja, tz: "America/New_York" }, "{date_num} {time}", "2026-11-23 20:25"],
  [{ ...ja, tz: "Nowhere/Land" }, "plain", "plain"],
])("%o reads %s as %s", (reader, format, shown) => {
  expect(formatDate(AT, format, reader)).toBe(shown);
});

test("days near now have words, and far ones their year", () => {
  expect(formatDate(AT + DAY, "{date_short_pretty}", ja)).toBe("明日");
  expect(formatDate(AT - DAY, "{date_short_pretty}", en)).toBe("yesterday");
  expect(formatDate(AT + 5 * DAY, "{date_short_pretty}", en)).toBe("Nov 29");
  expect(formatDate(AT - 300 * DAY, "{date_short}", ja)).toBe("2026年1月28日");
  expect(formatDate(AT - 125, "{ago}", en)).toBe("2 minutes ago");
});

test.each(["Asia/Tokyo", "America/New_York", "UTC", "Asia/Kolkata"])("a time entered in %s comes back", (tz) => {
  expect(toEpoch(toLocal(AT, tz), tz)).toBe(AT);
});

test("a local time names the instant of its zone, on both sides of a change of clocks", () => {
  expect(toLocal(AT, "Asia/Tokyo")).toBe("2026-11-24T10:25");
  expect(toEpoch("2026-03-08T01:30", "America/New_York")).toBe(Date.UTC(2026, 2, 8, 6, 30) / 1000);
  expect(toEpoch("2026-03-08T03:30", "America/New_York")).toBe(Date.UTC(2026, 2, 8, 7, 30) / 1000);
  expect(toEpoch("", "Asia/Tokyo")).toBeUndefined();
});
