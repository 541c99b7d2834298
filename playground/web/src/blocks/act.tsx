/** What all controls share: what they hold, how they are named, and how a change is sent to the app. */

import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Confirm, Element, Held, Result, TextObject, Values, Where } from "../protocol";
import { type Key, useSay } from "../words";
import { useConfirm } from "./confirm";
import { useBlocks } from "./context";
import { useEmoji } from "./emoji";
import { actionId, holding, rawValue, valueOf, withHeld } from "./state";
import { textWithEmoji } from "./words_of";

export interface Surface {
  where: Where;
  values: Values;
  onChange(blockId: string, actionId: string, held: Held): void;
}

export interface ControlProps extends Surface {
  element: Element;
  blockId: string;
  /** Whether a change is sent to the app at once; in an input block it waits for the form. */
  sends: boolean;
  optional?: boolean;
  /** The DOM id that the label of an input block names. */
  id?: string;
  labelledBy?: string;
  describedBy?: string;
  isInvalid?: boolean;
}

export interface FieldProps {
  id?: string;
  ref?: (node: HTMLElement | null) => void;
  "aria-label"?: string;
  "aria-labelledby"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  required?: true;
}

export interface Sending {
  isBusy: boolean;
  /** What to tell where the last act failed, else empty. */
  failure: string;
  send(value: unknown, values?: Values): Promise<void>;
}

/** Send acts of one element, one at a time as far as the person is shown. */
export function useSending({ where, blockId, element, values }: ControlProps): Sending {
  const { operate } = useBlocks();
  const say = useSay();
  const [underWay, setUnderWay] = useState(0);
  const [failure, setFailure] = useState("");
  const send = async (value: unknown, current = values) => {
    setUnderWay((count) => count + 1);
    setFailure("");
    const result = await answered(operate(where, blockId, actionId(element), value, current));
    setUnderWay((count) => count - 1);
    setFailure(result.ok ? "" : result.say || say("actFailed", { error: result.error ?? "" }));
  };
  return { isBusy: underWay > 0, failure, send };
}

async function answered(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

export interface Control {
  value: unknown;
  /** What it holds by now, for those who had to wait. */
  latest(): unknown;
  hold(value: unknown): void;
  /** Send what was held, after a confirm dialog where there is one; what stood before comes back where it is denied. */
  commit(before: unknown, now: unknown): void;
  /** Hold and commit at once. */
  choose(value: unknown): void;
  field: FieldProps;
  /** The confirm dialog and how the last act went, to stand beside the control. */
  aside: ReactNode;
}

/** Tie an element with a memory to the values of its surface. */
export function useControl(props: ControlProps, naming: Key): Control {
  const { element, blockId, values, onChange, sends } = props;
  const [dialog, ask] = useConfirm();
  const sending = useSending(props);
  const value = valueOf(values[blockId]?.[actionId(element)] ?? holding(element, undefined));
  const recent = useLatest({ values, value });
  const field = useField(props, naming);
  const hold = (next: unknown) => onChange(blockId, actionId(element), holding(element, next));
  const commit = async (before: unknown, now: unknown) => {
    if (!sends) {
      return;
    }
    if (!(await ask(element.confirm as Confirm | undefined))) {
      hold(before);
      return;
    }
    const held = holding(element, now);
    await sending.send(rawValue(element, held), withHeld(recent.current.values, blockId, actionId(element), held));
  };
  const choose = (next: unknown) => {
    hold(next);
    void commit(value, next);
  };
  return {
    value,
    latest: () => recent.current.value,
    hold,
    commit: (before, now) => void commit(before, now),
    choose,
    field,
    aside: (
      <>
        <Outcome {...sending} />
        {dialog}
      </>
    ),
  };
}

function useField(props: ControlProps, naming: Key): FieldProps {
  const { element, id, labelledBy, describedBy, isInvalid, optional } = props;
  const say = useSay();
  const emoji = useEmoji();
  const given = element.accessibility_label as string | undefined;
  const placeholder = textWithEmoji(element.placeholder as TextObject | undefined, emoji);
  return {
    id,
    ref: element.focus_on_load ? takeFocus : undefined,
    "aria-label": labelledBy ? undefined : given || placeholder || say(naming),
    "aria-labelledby": labelledBy,
    "aria-describedby": describedBy,
    "aria-invalid": isInvalid || undefined,
    required: labelledBy && !optional ? true : undefined,
  };
}

// showModal() looks for the attribute, which React's own autoFocus does not set.
function takeFocus(node: HTMLElement | null): void {
  node?.setAttribute("autofocus", "");
  node?.focus();
}

export function Outcome({ isBusy, failure }: Pick<Sending, "isBusy" | "failure">) {
  const say = useSay();
  return (
    <span className="b-outcome" role="status">
      {isBusy && <span className="b-spinner" role="img" aria-label={say("pleaseWait")} />}
      {failure && <span className="b-failure">⚠ {failure}</span>}
    </span>
  );
}

export function useLatest<T>(value: T): { current: T } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** Run what was scheduled last once there has been a pause, or at once when flushed. */
export function usePause(milliseconds: number): { schedule(work: () => void): void; flush(): void } {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const waiting = useRef<() => void>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const flush = () => {
    clearTimeout(timer.current);
    const work = waiting.current;
    waiting.current = undefined;
    work?.();
  };
  const schedule = (work: () => void) => {
    clearTimeout(timer.current);
    waiting.current = work;
    timer.current = setTimeout(flush, milliseconds);
  };
  return { schedule, flush };
}
