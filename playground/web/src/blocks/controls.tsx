/** From an element of Block Kit to the control that stands for it. */

import type { ComponentType } from "react";
import type { ControlProps } from "./act";
import { Button, FeedbackButtons, Overflow } from "./buttons";
import { FileInput } from "./files";
import { RichTextInput, TextInput } from "./inputs";
import { Checkboxes, DatePicker, DateTimePicker, RadioButtons, TimePicker } from "./pickers";
import { ImagePlaceholder } from "./pictures";
import { ComboSelect, StaticSelect } from "./selects";
import type { ImageElement } from "./shapes";

const CONTROLS: Record<string, ComponentType<ControlProps>> = {
  button: Button,
  workflow_button: Button,
  icon_button: Button,
  feedback_buttons: FeedbackButtons,
  overflow: Overflow,
  image: ({ element }) => <ImagePlaceholder alt={(element as ImageElement).alt_text} />,
  static_select: StaticSelect,
  multi_static_select: ComboSelect,
  external_select: ComboSelect,
  multi_external_select: ComboSelect,
  users_select: ComboSelect,
  multi_users_select: ComboSelect,
  conversations_select: ComboSelect,
  multi_conversations_select: ComboSelect,
  channels_select: ComboSelect,
  multi_channels_select: ComboSelect,
  radio_buttons: RadioButtons,
  checkboxes: Checkboxes,
  datepicker: DatePicker,
  timepicker: TimePicker,
  datetimepicker: DateTimePicker,
  plain_text_input: TextInput,
  email_text_input: TextInput,
  url_text_input: TextInput,
  number_input: TextInput,
  rich_text_input: RichTextInput,
  file_input: FileInput,
};
// Several fields under one label, which cannot point at any of them.
const GROUPS = new Set(["radio_buttons", "checkboxes"]);

export function Control(props: ControlProps) {
  const Shown = Object.hasOwn(CONTROLS, props.element.type) ? CONTROLS[props.element.type] : undefined;
  if (!Shown) {
    throw new Error(`unknown element ${props.element.type}`);
  }
  return <Shown {...props} />;
}

export function isGroup(type: string): boolean {
  return GROUPS.has(type);
}
