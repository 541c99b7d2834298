/** What the page knows: the server's slices, the messages of each channel, and the calls of the drawer. */

import type { Call, FromServer, Message, Slices } from "../protocol";

export type Status = "connecting" | "open" | "lost";

export interface State {
  status: Status;
  slices: Slices | null;
  /** Channel → its messages, oldest first. */
  messages: Record<string, Message[]>;
  calls: Call[];
}

export type Happening = FromServer | { kind: "status"; status: Status } | { kind: "forget" };

export const NOTHING: State = { status: "connecting", slices: null, messages: {}, calls: [] };

// The drawer is for looking at what just happened.
const CALLS_KEPT = 500;

export function reduce(state: State, happening: Happening): State {
  switch (happening.kind) {
    case "status":
      return { ...state, status: happening.status };
    case "forget":
      return NOTHING;
    case "hello":
      return { ...state, status: "open", slices: happening.slices, messages: byChannel(happening.messages) };
    case "set":
      return state.slices ? { ...state, slices: { ...state.slices, [happening.slice]: happening.value } } : state;
    case "message":
      return { ...state, messages: withMessage(state.messages, happening) };
    case "calls":
      return { ...state, calls: withCalls(state.calls, happening.calls) };
    case "answer":
      return state;
  }
}

function byChannel(messages: Message[]): Record<string, Message[]> {
  const sorted: Record<string, Message[]> = {};
  for (const message of [...messages].sort(inOrder)) (sorted[message.channel] ??= []).push(message);
  return sorted;
}

function withMessage(
  messages: Record<string, Message[]>,
  { channel, ts, message }: { channel: string; ts: string; message: Message | null },
): Record<string, Message[]> {
  const others = (messages[channel] ?? []).filter((one) => one.ts !== ts);
  return { ...messages, [channel]: message ? [...others, message].sort(inOrder) : others };
}

function inOrder(one: Message, other: Message): number {
  return one.ts < other.ts ? -1 : one.ts > other.ts ? 1 : 0;
}

function withCalls(before: Call[], more: Call[]): Call[] {
  const last = before.at(-1)?.number ?? -1;
  return [...before, ...more.filter((call) => call.number > last)].slice(-CALLS_KEPT);
}

/** What stands in the channel itself: everything but replies that stay in their thread. */
export function topLevel(messages: Message[]): Message[] {
  return messages.filter((message) => !isReply(message) || message.subtype === "thread_broadcast");
}

export function isReply(message: Message): boolean {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

export function repliesTo(messages: Message[], ts: string): Message[] {
  return messages.filter((message) => isReply(message) && message.thread_ts === ts);
}

/** How many messages of others stand in the channel that this person has not read. */
export function unreadCount(messages: Message[], readUpTo: string | undefined, me: string): number {
  return messages.filter((message) => message.user !== me && message.ts > (readUpTo ?? "")).length;
}
