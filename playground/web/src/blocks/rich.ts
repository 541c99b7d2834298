/** Rich text as plain text, and back. */

import type { Json } from "../protocol";
import type { RichElement, RichPart } from "./shapes";

/** Give the characters that people read, without looking up names. */
export function visibleText(elements: RichElement[]): string {
  return elements.map(ofElement).join("\n");
}

/** Put typed text into a rich_text block, as a rich_text_input holds it. */
export function richTextOf(text: string): Json {
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function ofElement(element: RichElement): string {
  if (element.type === "rich_text_list") {
    return element.elements.map(ofElement).join("\n");
  }
  return element.elements.map(ofPart).join("");
}

function ofPart(part: RichPart): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "link":
      return part.text ?? part.url;
    case "emoji":
      return `:${part.name}:`;
    case "user":
      return `@${part.label ?? part.user_id}`;
    case "usergroup":
      return `@${part.label ?? part.usergroup_id}`;
    case "team":
      return `@${part.team_id}`;
    case "channel":
      return `#${part.label ?? part.channel_id}`;
    case "broadcast":
      return `@${part.range}`;
    case "date":
      return part.fallback ?? part.format;
    case "color":
      return part.value;
  }
}
