/** Fields to type into. */

import { useId, type KeyboardEvent } from "react";
import type { Json } from "../protocol";
import { useSay } from "../words";
import { type Control, type ControlProps, useControl, usePause } from "./act";
import { useEmoji } from "./emoji";
import { richTextOf, visibleText } from "./rich";
import type { RichElement, TextElement } from "./shapes";
import { characters, isWithin } from "./state";
import { textWithEmoji } from "./words_of";

const PAUSE_MS = 400;
// How near to its limit a field begins to count.
const COUNT_FROM = 30;
const KINDS: Record<string, { type: string; inputMode?: "decimal" | "numeric" }> = {
  email_text_input: { type: "email" },
  url_text_input: { type: "url" },
};

export function TextInput(props: ControlProps) {
  const element = props.element as TextElement;
  const control = useControl(props, "typeHere");
  const text = typeof control.value === "string" ? control.value : "";
  const typing = useTyping(props, control, (typed) => typed || null);
  const noteId = useId();
  const note = useNote(element, text);
  const described = [control.field["aria-describedby"], note && noteId].filter(Boolean).join(" ");
  const field = { ...control.field, ...typing, value: text, "aria-describedby": described || undefined };
  return (
    <span className="b-control b-wide">
      {element.multiline ? (
        <textarea {...field} className="b-field b-area" rows={4} />
      ) : (
        <input {...field} {...kindOf(element)} className="b-field" autoComplete="off" />
      )}
      <span id={noteId} className="b-note" aria-live="polite">
        {note}
      </span>
      {control.aside}
    </span>
  );
}

export function RichTextInput(props: ControlProps) {
  const control = useControl(props, "typeHere");
  const typing = useTyping(props, control, (typed) => (typed ? richTextOf(typed) : null));
  const held = control.value as (Json & { elements?: RichElement[] }) | null;
  const rows = Number(props.element.min_lines ?? 4);
  return (
    <span className="b-control b-wide">
      <textarea
        {...control.field}
        {...typing}
        className="b-field b-area"
        rows={rows}
        value={held?.elements ? visibleText(held.elements) : ""}
      />
      {control.aside}
    </span>
  );
}

function kindOf(element: TextElement): { type: string; inputMode?: "decimal" | "numeric" } {
  if (element.type === "number_input") {
    // A field of the type number hides what is not one, and the person would be told that it is empty.
    return { type: "text", inputMode: element.is_decimal_allowed ? "decimal" : "numeric" };
  }
  return KINDS[element.type] ?? { type: "text" };
}

/** Give what ties a field to its element: it holds every change and sends on Enter, on every character, or never. */
function useTyping(props: ControlProps, control: Control, heldFor: (typed: string) => unknown) {
  const element = props.element as TextElement;
  const emoji = useEmoji();
  const pause = usePause(PAUSE_MS);
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const type = (typed: string) => {
    control.hold(heldFor(typed));
    if (triggers.includes("on_character_entered")) {
      pause.schedule(() => control.commit(control.value, heldFor(typed)));
    }
  };
  const press = (event: KeyboardEvent) => {
    // Enter belongs to the input method while it composes.
    if (event.key !== "Enter" || event.nativeEvent.isComposing || event.keyCode === 229) {
      return;
    }
    if (props.sends && triggers.includes("on_enter_pressed") && !event.shiftKey) {
      event.preventDefault();
      control.commit(control.value, control.value);
    }
  };
  return {
    placeholder: textWithEmoji(element.placeholder, emoji) || undefined,
    onChange: (event: { target: { value: string } }) => type(event.target.value),
    onKeyDown: press,
    onBlur: pause.flush,
  };
}

/** Tell how far a text is from its limits, once that matters. */
function useNote(element: TextElement, text: string): string {
  const say = useSay();
  if (element.type === "number_input") {
    const isKnown = text === "" || Number.isNaN(Number(text)) || isWithin(element, Number(text));
    return isKnown ? "" : rangeNote(element, say);
  }
  const length = characters(text);
  const { min_length: least = 0, max_length: most } = element;
  if (length > 0 && length < least) {
    return say("lengthMissing", { count: least - length });
  }
  if (most === undefined || most - length > Math.min(COUNT_FROM, most / 2)) {
    return "";
  }
  return length > most ? say("lengthOver", { count: length - most }) : say("lengthLeft", { count: most - length });
}

function rangeNote({ min_value: low, max_value: high }: TextElement, say: ReturnType<typeof useSay>): string {
  if (low && high) {
    return say("rangeBetween", { low, high });
  }
  return low ? say("rangeFrom", { low }) : say("rangeTo", { high: high ?? "" });
}
