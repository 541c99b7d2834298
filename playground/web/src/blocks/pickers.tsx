/** Boxes to tick, and dates and times. */

import { useId, useRef } from "react";
import type { Option, TextObject } from "../protocol";
import type { Key } from "../words";
import { type ControlProps, useControl, usePause } from "./act";
import { optionKey } from "./choices";
import { useBlocks } from "./context";
import { toEpoch, toLocal } from "./dates";
import { TextOf } from "./richtext";
import type { ChoiceElement } from "./shapes";

// A date is typed in three parts, each of which can make a valid one: the app hears of the last.
const PAUSE_MS = 800;

export function RadioButtons(props: ControlProps) {
  const { options = [] } = props.element as ChoiceElement;
  const control = useControl(props, "chooseOne");
  const chosen = control.value as Option | null;
  const name = useId();
  const { ref, id, required, ...group } = control.field;
  return (
    <span className="b-control b-wide">
      <span {...group} role="radiogroup" aria-required={required} className="b-boxes">
        {options.map((option, index) => (
          <Box
            key={index}
            type="radio"
            id={index === 0 ? id : undefined}
            takeFocus={index === 0 ? ref : undefined}
            name={name}
            option={option}
            isOn={chosen !== null && optionKey(chosen) === optionKey(option)}
            isInvalid={props.isInvalid}
            onChange={() => control.choose(option)}
          />
        ))}
      </span>
      {control.aside}
    </span>
  );
}

export function Checkboxes(props: ControlProps) {
  const { options = [] } = props.element as ChoiceElement;
  const control = useControl(props, "chooseOne");
  const chosen = new Set((control.value as Option[]).map(optionKey));
  const name = useId();
  const { ref, id, required: _required, ...group } = control.field;
  const toggle = (option: Option) => {
    const isOn = (one: Option) => (one === option ? !chosen.has(optionKey(one)) : chosen.has(optionKey(one)));
    control.choose(options.filter(isOn));
  };
  return (
    <span className="b-control b-wide">
      <span {...group} role="group" className="b-boxes">
        {options.map((option, index) => (
          <Box
            key={index}
            type="checkbox"
            id={index === 0 ? id : undefined}
            takeFocus={index === 0 ? ref : undefined}
            name={name}
            option={option}
            isOn={chosen.has(optionKey(option))}
            isInvalid={props.isInvalid}
            onChange={() => toggle(option)}
          />
        ))}
      </span>
      {control.aside}
    </span>
  );
}

interface BoxProps {
  type: "radio" | "checkbox";
  id?: string;
  takeFocus?(node: HTMLElement | null): void;
  name: string;
  option: Option;
  isOn: boolean;
  isInvalid?: boolean;
  onChange(): void;
}

function Box({ type, id, takeFocus, name, option, isOn, isInvalid, onChange }: BoxProps) {
  const ids = useId();
  const descriptionId = option.description ? `${ids}-description` : undefined;
  return (
    <span className="b-box">
      <input
        type={type}
        id={id ?? `${ids}-input`}
        ref={takeFocus}
        name={name}
        value={optionKey(option)}
        checked={isOn}
        aria-invalid={isInvalid || undefined}
        aria-describedby={descriptionId}
        onChange={onChange}
      />
      <label htmlFor={id ?? `${ids}-input`}>
        <TextOf text={option.text} />
        {option.description && <Description id={descriptionId} text={option.description} />}
      </label>
    </span>
  );
}

function Description({ id, text }: { id?: string; text: TextObject }) {
  return (
    <small id={id}>
      <TextOf text={text} />
    </small>
  );
}

export function DatePicker(props: ControlProps) {
  return <Picker {...props} type="date" naming="chooseDate" shown={asText} held={(typed) => typed || null} />;
}

export function TimePicker(props: ControlProps) {
  return <Picker {...props} type="time" naming="chooseTime" shown={asText} held={(typed) => typed || null} />;
}

export function DateTimePicker(props: ControlProps) {
  const { tz } = useBlocks();
  const shown = (value: unknown) => (typeof value === "number" ? toLocal(value, tz) : "");
  const held = (typed: string) => toEpoch(typed, tz) ?? null;
  return <Picker {...props} type="datetime-local" naming="chooseDateTime" shown={shown} held={held} />;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

interface PickerProps extends ControlProps {
  type: "date" | "time" | "datetime-local";
  naming: Key;
  shown(value: unknown): string;
  held(typed: string): unknown;
}

function Picker({ type, naming, shown, held, ...props }: PickerProps) {
  const control = useControl(props, naming);
  const pause = usePause(PAUSE_MS);
  const before = useRef<{ value: unknown }>(undefined);
  const change = (typed: string) => {
    before.current ??= { value: control.value };
    const next = held(typed);
    control.hold(next);
    pause.schedule(() => {
      control.commit(before.current?.value, next);
      before.current = undefined;
    });
  };
  return (
    <span className="b-control">
      <input
        {...control.field}
        className="b-field"
        type={type}
        value={shown(control.value)}
        onChange={(event) => change(event.target.value)}
        onBlur={pause.flush}
      />
      {control.aside}
    </span>
  );
}
