/** The shapes of blocks, elements and rich text, as far as the page reads them. */

import type { Block, Confirm, Element, Option, TextObject } from "../protocol";

export interface RichStyle {
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  underline?: boolean;
  code?: boolean;
}

/** `label` is ours: the name that mrkdwn gives along with a mention, for those whom the page does not know. */
export type RichPart = { style?: RichStyle } & (
  | { type: "text"; text: string }
  | { type: "link"; url: string; text?: string }
  | { type: "emoji"; name: string; unicode?: string; skin_tone?: number }
  | { type: "user"; user_id: string; label?: string }
  | { type: "usergroup"; usergroup_id: string; label?: string }
  | { type: "team"; team_id: string }
  | { type: "channel"; channel_id: string; label?: string }
  | { type: "broadcast"; range: string }
  | { type: "date"; timestamp: number; format: string; url?: string; fallback?: string }
  | { type: "color"; value: string }
);

export interface RichSection {
  type: "rich_text_section";
  elements: RichPart[];
}
export interface RichBoxed {
  type: "rich_text_quote" | "rich_text_preformatted";
  elements: RichPart[];
  border?: number;
}
export interface RichList {
  type: "rich_text_list";
  elements: RichSection[];
  style: "bullet" | "ordered";
  indent?: number;
  offset?: number;
  border?: number;
}
export type RichElement = RichSection | RichBoxed | RichList;

export interface RichTextBlock extends Block {
  elements: RichElement[];
}

export interface SectionBlock extends Block {
  text?: TextObject;
  fields?: TextObject[];
  accessory?: Element;
}
export interface WithElements extends Block {
  elements: Element[];
}
export interface ContextBlock extends Block {
  elements: (TextObject | ImageElement)[];
}
export interface InputBlock extends Block {
  label: TextObject;
  element: Element;
  hint?: TextObject;
  optional?: boolean;
  dispatch_action?: boolean;
}
export interface WithText extends Block {
  text: TextObject;
}
export interface ImageBlock extends Block {
  alt_text: string;
  title?: TextObject;
}
export interface AlertBlock extends WithText {
  level?: "default" | "info" | "warning" | "error" | "success";
}
export interface FileBlock extends Block {
  external_id?: string;
}
export interface VideoBlock extends Block {
  alt_text: string;
  title: TextObject;
  title_url?: string;
  video_url?: string;
  description?: TextObject;
  author_name?: string;
  provider_name?: string;
}
export interface CardBlock extends Block {
  hero_image?: ImageElement;
  icon?: ImageElement;
  title?: TextObject;
  subtitle?: TextObject;
  body?: TextObject;
  actions?: Element[];
}
export interface CarouselBlock extends Block {
  elements: CardBlock[];
}
export interface ContainerBlock extends Block {
  child_blocks: Block[];
  title?: TextObject;
  rich_text_title?: RichTextBlock;
  subtitle?: TextObject;
  is_collapsible?: boolean;
  default_collapsed?: boolean;
  has_header_divider?: boolean;
}

export type TableCell =
  | { type: "raw_text"; text: string }
  | { type: "raw_number"; value: number; text?: string }
  | { type: "rich_text"; elements: RichElement[] };
export interface TableBlock extends Block {
  rows: TableCell[][];
  column_settings?: ({ align?: "left" | "center" | "right"; is_wrapped?: boolean } | null)[];
}

export interface ImageElement extends Element {
  alt_text: string;
}
/** Every element with options, menus and boxes alike. */
export interface ChoiceElement extends Element {
  options?: Option[];
  option_groups?: { label: TextObject; options: Option[] }[];
  placeholder?: TextObject;
  confirm?: Confirm;
  focus_on_load?: boolean;
  min_query_length?: number;
  max_selected_items?: number;
  filter?: { include?: string[]; exclude_external_shared_channels?: boolean; exclude_bot_users?: boolean };
}
export interface ButtonElement extends Element {
  text: TextObject;
  value?: string;
  url?: string;
  style?: "primary" | "danger";
  confirm?: Confirm;
  accessibility_label?: string;
}
export interface FeedbackElement extends Element {
  positive_button: ButtonElement;
  negative_button: ButtonElement;
}
export interface TextElement extends Element {
  placeholder?: TextObject;
  multiline?: boolean;
  min_length?: number;
  max_length?: number;
  is_decimal_allowed?: boolean;
  min_value?: string;
  max_value?: string;
  focus_on_load?: boolean;
  dispatch_action_config?: { trigger_actions_on?: string[] };
}
export interface FileElement extends Element {
  filetypes?: string[];
  max_files?: number;
}
