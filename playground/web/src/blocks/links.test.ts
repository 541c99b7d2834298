import { expect, test } from "vitest";
import { safeHref } from "./links";

test.each([
  "https://example.com/a?b=c#d",
  "HTTP://EXAMPLE.COM",
  "mailto:r.nakamura@minamo-seiki.example",
  "tel:+81455550142",
])("%s may be followed", (url) => {
  expect(safeHref(url)).toBe(url);
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://example.com/x",
  "slack://app?team=T01",
  "//example.com",
  "/relative",
  "example.com",
  "",
  undefined,
  null,
  7,
])("%j may not be followed", (url) => {
  expect(safeHref(url)).toBeUndefined();
});
