/** Which addresses may become links. */

const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

/** Give the address if it may be followed from this page; `javascript:`, `data:` and the like may not. */
export function safeHref(url: unknown): string | undefined {
  if (typeof url !== "string") {
    return undefined;
  }
  const trimmed = url.trim();
  try {
    return SAFE.has(new URL(trimmed).protocol) ? trimmed : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the link leads to another page, which then opens in a tab of its own. */
export function leavesThePage(href: string): boolean {
  return /^https?:/i.test(href);
}

/** Slack's own links, such as `slack://app?id=…`, which only the page itself can follow. */
export function isSlackLink(url: unknown): url is string {
  return typeof url === "string" && url.startsWith("slack://");
}
