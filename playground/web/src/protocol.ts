/** What goes over the socket between the page and the playground's server: JSON, one object a frame. */

export type Json = Record<string, unknown>;

export interface Person {
  id: string;
  name: string;
  real_name: string;
  display_name: string;
  locale: string;
  tz: string;
  is_bot: boolean;
  is_admin: boolean;
  is_guest: boolean;
  is_stranger: boolean;
  deleted: boolean;
}

export interface Channel {
  id: string;
  name: string;
  members: string[];
  is_private: boolean;
  is_archived: boolean;
  is_ext_shared: boolean;
  /** The person on the other side of the app's direct messages; empty in a channel. */
  im_user: string;
}

export interface SlackFile {
  id: string;
  name: string;
  title: string;
  mimetype: string;
  size: number;
  deleted: boolean;
}

export interface Reaction {
  name: string;
  users: string[];
  count: number;
}

/** Slack's message object, and whose eyes alone it is for. */
export interface Message {
  channel: string;
  ts: string;
  user: string;
  text: string;
  bot_id?: string;
  subtype?: string;
  blocks?: Block[];
  thread_ts?: string;
  reply_count?: number;
  latest_reply?: string;
  reactions?: Reaction[];
  files?: SlackFile[];
  edited?: { user: string; ts: string };
  only_for?: string;
}

export type Block = Json & { type: string; block_id?: string };
export type Element = Json & { type: string; action_id?: string };
export interface TextObject {
  type: "plain_text" | "mrkdwn";
  text: string;
  emoji?: boolean;
  verbatim?: boolean;
}
export interface Option {
  text: TextObject;
  value?: string;
  description?: TextObject;
  url?: string;
}
export interface Confirm {
  title: TextObject;
  text: TextObject;
  confirm: TextObject;
  deny: TextObject;
  style?: "primary" | "danger";
}

/** Slack's view object: a modal or a Home tab. */
export interface View {
  id: string;
  type: "modal" | "home";
  callback_id: string;
  title: TextObject;
  submit: TextObject | null;
  close: TextObject | null;
  blocks: Block[];
  hash: string;
  previous_view_id: string | null;
  state: { values: Values };
}

/** `state.values`: block_id → action_id → what the element holds, in Slack's shape. */
export type Values = Record<string, Record<string, Held>>;
export type Held = Json & { type: string };

export interface Verb {
  verb: string;
  aliases: string[];
  usage: string;
  summary: string;
}
export interface Command {
  command: string;
  description: string;
  usage_hint: string;
  /** What can stand after the command, by language. Empty when the app told nothing of it. */
  verbs: Record<string, Verb[]>;
}
export interface Shortcut {
  name: string;
  type: "global" | "message";
  callback_id: string;
  description: string;
}
/** A step that the app offers to workflows. */
export interface Step {
  callback_id: string;
  title: string;
  description: string;
  inputs: StepInput[];
}
export interface StepInput {
  name: string;
  type: string;
  title: string;
  description: string;
  is_required: boolean;
}
export interface AppInfo {
  id: string;
  name: string;
  bot_user: string;
  commands: Command[];
  shortcuts: Shortcut[];
  steps: Step[];
  /** Whether people may write to the app. */
  takes_messages: boolean;
}

export interface Clock {
  now: string;
  /** Whether it can be moved at all. */
  is_movable: boolean;
  /** When the next working day begins, if anybody knows. */
  next_morning: string | null;
  /** Where a move under way is going. */
  moving_to: string | null;
}

export type SlackMood = "fine" | "slow" | "limited" | "down";

/** One call or payload: `in` from the app to Slack, `out` from Slack to the app. */
export interface Call {
  number: number;
  direction: "in" | "out";
  method: string;
  args: Json;
  answer: Json;
  status: number;
  seconds: number;
  at: string;
}

/** Everything the page shows, each a slice that is replaced whole when it changes; messages come one by one. */
export interface Slices {
  team: { name: string };
  app: AppInfo;
  me: string;
  people: Person[];
  channels: Channel[];
  /** The open modals, the top one last. */
  views: View[];
  home: View | null;
  /** Channel → the last timestamp that this person has read. */
  read: Record<string, string>;
  /** Whether the app listens. */
  bot: { connected: boolean };
  clock: Clock;
  slack: { mood: SlackMood };
  /** The steps of the first visit that are done; null where there is no tour. */
  tour: string[] | null;
}

export type FromServer =
  | { kind: "hello"; slices: Slices; messages: Message[] }
  | { [K in keyof Slices]: { kind: "set"; slice: K; value: Slices[K] } }[keyof Slices]
  | { kind: "message"; channel: string; ts: string; message: Message | null }
  | { kind: "calls"; calls: Call[] }
  | { kind: "answer"; id: number; result: Result };

/** Where a control stands. */
export type Where = { channel: string; ts: string } | { view: string };

/** What a person does. Each act is answered once, when the app has answered it. */
export type Act =
  | { act: "command"; channel: string; line: string }
  | { act: "say"; channel: string; text: string; thread_ts?: string; files?: string[] }
  | { act: "operate"; where: Where; block_id: string; action_id: string; value: unknown; values: Values }
  | { act: "suggest"; where: Where; block_id: string; action_id: string; typed: string }
  | { act: "submit"; view: string; values: Values }
  | { act: "close"; view: string; everything: boolean }
  | { act: "shortcut"; callback_id: string }
  | { act: "message_shortcut"; callback_id: string; channel: string; ts: string }
  | { act: "run_step"; callback_id: string; inputs: Record<string, string> }
  | { act: "react"; channel: string; ts: string; name: string; on: boolean }
  | { act: "open_home"; tab: "home" | "messages" }
  | { act: "read"; channel: string; ts: string }
  | { act: "locale"; locale: string }
  | { act: "move_clock"; to: string }
  | { act: "slack"; mood: SlackMood }
  | { act: "watch_calls"; on: boolean };

/** `error` is a word of Slack's client, `Slack`'s API or the page's server; `say` tells it where there are words. */
export interface Result {
  ok: boolean;
  error?: string;
  say?: string;
  /** submit: block_id → what is wrong with the field. */
  errors?: Record<string, string>;
  /** submit: closed, cleared, updated, pushed, errors, failed. */
  outcome?: string;
  /** suggest */
  options?: Option[];
  groups?: { label: TextObject; options: Option[] }[];
  /** run_step: what came out. */
  outputs?: Record<string, unknown>;
}
