/** A combobox for one choice or many, by the ARIA pattern: the focus stays in the field, the list follows it. */

import {
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
} from "react";
import { useSay } from "../words";
import { type FieldProps, useLatest } from "./act";
import { leaves } from "./buttons";
import { type Choice, matching } from "./choices";

const PAUSE_MS = 300;

export interface ComboProps {
  field: FieldProps;
  chosen: Choice[];
  isMany: boolean;
  /** The most that can be chosen. */
  most: number;
  canClear: boolean;
  placeholder: string;
  /** What can be chosen; where it is left out, the app is asked for it. */
  choices?: Choice[];
  ask?(typed: string): Promise<Choice[]>;
  /** How much is typed before the app is asked. */
  minTyped?: number;
  onChange(chosen: Choice[]): void;
  onOpen?(): void;
  onClose?(): void;
}

export function Combo(props: ComboProps) {
  const { chosen, isMany, most } = props;
  const say = useSay();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const combo = useCombo(props);
  const remove = (choice: Choice) => {
    props.onChange(without(chosen, choice));
    input.current?.focus();
  };
  const single = isMany ? undefined : chosen[0];
  return (
    <div className="b-combo" onBlur={(event) => leaves(event) && combo.close()}>
      <div className="b-combo-box" onMouseDown={(event) => focusInstead(event, input.current)}>
        {isMany && chosen.length > 0 && <Chips chosen={chosen} remove={remove} />}
        <Field input={input} listId={listId} combo={combo} {...props} />
        {single && props.canClear && (
          <button type="button" className="b-small" aria-label={say("clearChoice")} onClick={() => remove(single)}>
            ×
          </button>
        )}
      </div>
      {combo.isOpen && (
        <div className="b-popup b-combo-popup" onMouseDown={(event) => event.preventDefault()}>
          {combo.isFull && <p role="status">{say("listFull", { count: most })}</p>}
          {combo.isListed ? (
            <List id={listId} isMany={isMany} chosen={chosen} {...combo} />
          ) : (
            <p role="status">{combo.note}</p>
          )}
        </div>
      )}
    </div>
  );
}

interface ComboState {
  isOpen: boolean;
  /** Whether there is a list with something in it. */
  isListed: boolean;
  isFull: boolean;
  shown: Choice[];
  note: string;
  /** The place in the list that the keyboard is at. */
  active: number;
  typed: string | undefined;
  open(): void;
  close(): void;
  type(text: string): void;
  pick(choice: Choice): void;
  move(step: number): void;
}

function useCombo(props: ComboProps): ComboState {
  const { chosen, isMany, most, onChange } = props;
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(0);
  const { choices: shown, note } = useOffer(props, isOpen, typed ?? "");
  const isFull = isMany && chosen.length >= most;
  const open = () => {
    if (!isOpen) {
      setOpen(true);
      setActive(Math.max(0, isMany ? 0 : shown.findIndex((choice) => choice.key === chosen[0]?.key)));
      props.onOpen?.();
    }
  };
  const close = () => {
    setTyped(undefined);
    if (isOpen) {
      setOpen(false);
      props.onClose?.();
    }
  };
  const type = (text: string) => {
    open();
    setTyped(text);
    setActive(0);
  };
  const pick = (choice: Choice) => {
    setTyped(undefined);
    if (!isMany) {
      onChange([choice]);
      setOpen(false);
    } else if (includes(chosen, choice)) {
      onChange(without(chosen, choice));
    } else if (!isFull) {
      onChange([...chosen, choice]);
    }
  };
  const move = (step: number) => setActive((active + step + shown.length) % Math.max(1, shown.length));
  const isListed = isOpen && shown.length > 0;
  return { isOpen, isListed, isFull, shown, note, active, typed, open, close, type, pick, move };
}

function includes(chosen: Choice[], choice: Choice): boolean {
  return chosen.some((one) => one.key === choice.key);
}

function without(chosen: Choice[], choice: Choice): Choice[] {
  return chosen.filter((one) => one.key !== choice.key);
}

// The box looks like the field, so a click beside the field is meant for it.
function focusInstead(event: MouseEvent, input: HTMLInputElement | null): void {
  if (event.target === event.currentTarget) {
    event.preventDefault();
    input?.focus();
  }
}

interface FieldOfCombo extends ComboProps {
  input: RefObject<HTMLInputElement | null>;
  listId: string;
  combo: ComboState;
}

function Field({ input, listId, combo, field, chosen, isMany, placeholder, onChange }: FieldOfCombo) {
  const { isListed, shown, active, typed } = combo;
  return (
    <input
      {...field}
      ref={(node) => {
        input.current = node;
        field.ref?.(node);
      }}
      type="text"
      role="combobox"
      autoComplete="off"
      aria-autocomplete="list"
      aria-haspopup="listbox"
      aria-expanded={isListed}
      aria-controls={isListed ? listId : undefined}
      aria-activedescendant={isListed && shown[active] ? `${listId}-${active}` : undefined}
      placeholder={isMany && chosen.length > 0 ? "" : placeholder}
      value={typed ?? (isMany ? "" : (chosen[0]?.label ?? ""))}
      onClick={combo.open}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => combo.type(event.target.value)}
      onKeyDown={(event) => press(event, combo, () => isMany && onChange(chosen.slice(0, -1)))}
    />
  );
}

function press(event: KeyboardEvent, combo: ComboState, removeLast: () => void): void {
  // Enter and arrows belong to the input method while it composes.
  if (event.nativeEvent.isComposing || event.keyCode === 229) {
    return;
  }
  const choice = combo.isListed ? combo.shown[combo.active] : undefined;
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp":
      event.preventDefault();
      return combo.isOpen ? combo.move(event.key === "ArrowDown" ? 1 : -1) : combo.open();
    case "Enter":
      event.preventDefault();
      return choice ? combo.pick(choice) : combo.open();
    case "Escape":
      if (combo.isOpen) {
        // Escape closes the list alone, not the dialog around it.
        event.preventDefault();
        event.stopPropagation();
        combo.close();
      }
      return;
    case "Tab":
      // Else the list, which can be scrolled, would take the focus.
      return combo.close();
    case "Backspace":
      if (!combo.typed) {
        removeLast();
      }
  }
}

/** What is chosen, each with a button that takes it away. */
export function Chips<C extends Pick<Choice, "key" | "label">>({ chosen, remove }: { chosen: C[]; remove(choice: C): void }) {
  const say = useSay();
  return (
    <ul className="b-chips" aria-label={say("listChosen")}>
      {chosen.map((choice) => (
        <li key={choice.key}>
          {choice.label}
          <button
            type="button"
            className="b-small"
            aria-label={say("removeChoice", { name: choice.label })}
            onClick={() => remove(choice)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

interface ListProps {
  id: string;
  isMany: boolean;
  shown: Choice[];
  chosen: Choice[];
  active: number;
  pick(choice: Choice): void;
}

function List({ id, isMany, shown, chosen, active, pick }: ListProps) {
  const say = useSay();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(".b-active")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const option = (choice: Choice, index: number) => (
    <div
      key={index}
      id={`${id}-${index}`}
      role="option"
      aria-selected={includes(chosen, choice)}
      className={index === active ? "b-option b-active" : "b-option"}
      onClick={() => pick(choice)}
    >
      <span>{choice.label}</span>
      {choice.detail && <small>{choice.detail}</small>}
    </div>
  );
  return (
    <div ref={list} id={id} role="listbox" aria-label={say("listOptions")} aria-multiselectable={isMany || undefined}>
      {grouped(shown).map(({ group, from, choices }) => {
        const options = choices.map((choice, index) => option(choice, from + index));
        return group === undefined ? options : <Group key={`group ${from}`} name={group} options={options} />;
      })}
    </div>
  );
}

function Group({ name, options }: { name: string; options: ReactNode }) {
  return (
    <div role="group" aria-label={name}>
      <div className="b-group" aria-hidden="true">
        {name}
      </div>
      {options}
    </div>
  );
}

interface Grouped {
  group?: string;
  /** The place of the first choice in the whole list. */
  from: number;
  choices: Choice[];
}

function grouped(shown: Choice[]): Grouped[] {
  const groups: Grouped[] = [];
  shown.forEach((choice, index) => {
    const last = groups.at(-1);
    if (last && last.group === choice.group) {
      last.choices.push(choice);
    } else {
      groups.push({ group: choice.group, from: index, choices: [choice] });
    }
  });
  return groups;
}

interface Offer {
  choices: Choice[];
  /** What stands in the place of the list while it is empty. */
  note: string;
}

/** Give what can be chosen for what is typed: filtered here, or asked from the app after a pause. */
function useOffer({ choices, ask, minTyped = 0 }: ComboProps, isOpen: boolean, typed: string): Offer {
  const say = useSay();
  const isTooShort = Array.from(typed).length < minTyped;
  const answer = useAnswer(ask, typed, isOpen && !choices && !isTooShort);
  if (choices) {
    return { choices: matching(choices, typed), note: say("listEmpty") };
  }
  if (isTooShort) {
    return { choices: [], note: say("listTypeMore", { count: minTyped }) };
  }
  if (answer?.typed !== typed) {
    return { choices: [], note: say("listLoading") };
  }
  return { choices: answer.choices ?? [], note: say(answer.choices ? "listEmpty" : "listFailed") };
}

interface Answer {
  typed: string;
  /** Undefined where the app gave none. */
  choices?: Choice[];
}

function useAnswer(ask: ComboProps["ask"], typed: string, isAsked: boolean): Answer | undefined {
  const [answer, setAnswer] = useState<Answer>();
  const asking = useLatest(ask);
  useEffect(() => {
    if (!isAsked) {
      return;
    }
    let isStale = false;
    const timer = setTimeout(async () => {
      const choices = await asking.current?.(typed).catch(() => undefined);
      if (!isStale) {
        setAnswer({ typed, choices });
      }
    }, PAUSE_MS);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [isAsked, typed, asking]);
  return answer;
}
