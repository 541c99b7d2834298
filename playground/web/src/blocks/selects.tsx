/** Menus: the browser's own for a plain list, the combobox for all others. */

import { useRef } from "react";
import type { Option } from "../protocol";
import { useSay } from "../words";
import { type ControlProps, useControl } from "./act";
import {
  type Choice,
  channelChoice,
  channelChoices,
  conversationChoices,
  type Directory,
  optionChoice,
  optionChoices,
  optionKey,
  personChoice,
  personChoices,
} from "./choices";
import { Combo } from "./combo";
import { useBlocks } from "./context";
import { type EmojiLookup, useEmoji } from "./emoji";
import type { ChoiceElement } from "./shapes";
import { actionId } from "./state";
import { textWithEmoji } from "./words_of";

const MIN_QUERY_LENGTH = 3;

export function StaticSelect(props: ControlProps) {
  const element = props.element as ChoiceElement;
  const control = useControl(props, "chooseOne");
  const emoji = useEmoji();
  const say = useSay();
  const chosen = control.value as Option | null;
  const all = [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
  const choose = (key: string) => control.choose(all.find((option) => optionKey(option) === key) ?? null);
  return (
    <span className="b-control">
      <select
        {...control.field}
        className={chosen ? "b-field" : "b-field b-empty"}
        value={chosen ? optionKey(chosen) : ""}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="" disabled={!props.optional}>
          {textWithEmoji(element.placeholder, emoji) || say("chooseOne")}
        </option>
        <Options options={element.options ?? []} emoji={emoji} />
        {element.option_groups?.map((group, index) => (
          <optgroup key={index} label={textWithEmoji(group.label, emoji)}>
            <Options options={group.options} emoji={emoji} />
          </optgroup>
        ))}
      </select>
      {control.aside}
    </span>
  );
}

function Options({ options, emoji }: { options: Option[]; emoji: EmojiLookup }) {
  return options.map((option, index) => (
    <option key={index} value={optionKey(option)}>
      {textWithEmoji(option.text, emoji)}
    </option>
  ));
}

export function ComboSelect(props: ControlProps) {
  const element = props.element as ChoiceElement;
  const control = useControl(props, "chooseOne");
  const emoji = useEmoji();
  const say = useSay();
  const directory: Directory = useBlocks();
  const ask = useSuggestions(props, emoji);
  const before = useRef<unknown>(undefined);
  const isOpen = useRef(false);
  const isMany = element.type.startsWith("multi_");
  const held = (isMany ? control.value : [control.value]) as unknown[];
  const chosen = held.filter((one) => one != null).map((one) => choiceOf(element, one, directory, emoji));
  const change = (now: Choice[]) => {
    const next = isMany ? now.map((choice) => choice.held) : (now[0]?.held ?? null);
    // Of many choices the app hears once, when the list is left.
    if (isMany && isOpen.current) {
      control.hold(next);
    } else {
      control.choose(next);
    }
  };
  const opened = () => {
    isOpen.current = true;
    before.current = control.value;
  };
  const closed = () => {
    isOpen.current = false;
    if (isMany && JSON.stringify(before.current) !== JSON.stringify(control.value)) {
      control.commit(before.current, control.value);
    }
  };
  return (
    <span className="b-control b-wide">
      <Combo
        field={control.field}
        chosen={chosen}
        isMany={isMany}
        most={element.max_selected_items ?? Infinity}
        canClear={props.optional ?? false}
        placeholder={textWithEmoji(element.placeholder, emoji) || say("chooseOne")}
        choices={choicesOf(element, directory, emoji)}
        ask={ask}
        minTyped={element.min_query_length ?? MIN_QUERY_LENGTH}
        onChange={change}
        onOpen={opened}
        onClose={closed}
      />
      {control.aside}
    </span>
  );
}

function useSuggestions({ where, blockId, element }: ControlProps, emoji: EmojiLookup) {
  const { suggest } = useBlocks();
  return async (typed: string) => {
    const result = await suggest(where, blockId, actionId(element), typed);
    if (!result.ok) {
      throw new Error(result.error);
    }
    return optionChoices({ options: result.options, option_groups: result.groups }, emoji);
  };
}

/** List what the page can offer by itself; undefined where only the app knows. */
function choicesOf(element: ChoiceElement, directory: Directory, emoji: EmojiLookup): Choice[] | undefined {
  switch (element.type.replace("multi_", "")) {
    case "users_select":
      return personChoices(directory);
    case "channels_select":
      return channelChoices(directory);
    case "conversations_select":
      return conversationChoices(element, directory);
    case "external_select":
      return undefined;
    default:
      return optionChoices(element, emoji);
  }
}

function choiceOf(element: ChoiceElement, held: unknown, directory: Directory, emoji: EmojiLookup): Choice {
  if (typeof held !== "string") {
    return optionChoice(held as Option, emoji);
  }
  return element.type.endsWith("users_select") ? personChoice(held, directory) : channelChoice(held, directory);
}
