/** What menus offer: options, people and channels in one shape. */

import type { Channel, Option, Person } from "../protocol";
import type { EmojiLookup } from "./emoji";
import type { ChoiceElement } from "./shapes";
import { textWithEmoji } from "./words_of";

export interface Choice {
  key: string;
  label: string;
  detail?: string;
  group?: string;
  /** What else it is found by. */
  also?: string;
  /** What the element holds when it is chosen. */
  held: unknown;
}

export interface Directory {
  people: Map<string, Person>;
  channels: Map<string, Channel>;
  me: string;
}

export function optionKey(option: Option): string {
  return option.value ?? option.text.text;
}

export function optionChoice(option: Option, emoji: EmojiLookup, group?: string): Choice {
  const detail = option.description && textWithEmoji(option.description, emoji);
  return { key: optionKey(option), label: textWithEmoji(option.text, emoji), detail, group, held: option };
}

/** List the options of a menu or of an answer of the app, those in groups too. */
export function optionChoices(given: Pick<ChoiceElement, "options" | "option_groups">, emoji: EmojiLookup): Choice[] {
  const grouped = (given.option_groups ?? []).flatMap((group) =>
    group.options.map((option) => optionChoice(option, emoji, textWithEmoji(group.label, emoji))),
  );
  return [...(given.options ?? []).map((option) => optionChoice(option, emoji)), ...grouped];
}

export function personChoice(id: string, { people }: Directory): Choice {
  const person = people.get(id);
  if (!person) {
    return { key: id, label: id, held: id };
  }
  const label = person.display_name || person.real_name || person.name;
  const detail = person.real_name === label ? undefined : person.real_name;
  return { key: id, label, detail, also: person.name, held: id };
}

export function channelChoice(id: string, directory: Directory): Choice {
  const channel = directory.channels.get(id);
  if (channel?.im_user) {
    return { ...personChoice(channel.im_user, directory), key: id, held: id };
  }
  return { key: id, label: channel ? `#${channel.name}` : id, held: id };
}

// It says what became of commands, but is nobody of the workspace whom the app could be told of.
const SLACKBOT = "USLACKBOT";

export function personChoices(directory: Directory): Choice[] {
  const present = Array.from(directory.people.values()).filter(({ id, deleted }) => !deleted && id !== SLACKBOT);
  return present.map((person) => personChoice(person.id, directory));
}

/** List the public channels. */
export function channelChoices(directory: Directory): Choice[] {
  return offered(directory, (channel) => !channel.im_user && !channel.is_private);
}

/** List the conversations that the element's filter lets through. */
export function conversationChoices({ filter = {} }: ChoiceElement, directory: Directory): Choice[] {
  const { include, exclude_bot_users, exclude_external_shared_channels } = filter;
  return offered(directory, (channel) => {
    const kind = channel.im_user ? "im" : channel.is_private ? "private" : "public";
    const isLeftOut =
      (exclude_bot_users && directory.people.get(channel.im_user)?.is_bot) ||
      (exclude_external_shared_channels && channel.is_ext_shared);
    return !isLeftOut && (!include || include.includes(kind));
  });
}

function offered(directory: Directory, isOffered: (channel: Channel) => boolean): Choice[] {
  const { channels, me } = directory;
  return Array.from(channels.values())
    .filter((channel) => !channel.is_archived && (!channel.is_private || channel.members.includes(me)))
    .filter(isOffered)
    .map((channel) => channelChoice(channel.id, directory));
}

/** Find the choices that contain what was typed, whatever its width or case. */
export function matching(choices: Choice[], typed: string): Choice[] {
  const wanted = folded(typed);
  return choices.filter(({ label, detail, also }) => folded([label, detail, also].join("\n")).includes(wanted));
}

function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().trim();
}
