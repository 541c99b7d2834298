/** What the composer offers while one types: commands, what may follow them, and people. */

import type { Command, Person } from "../protocol";
import type { Language } from "../words";

export interface Offer {
  /** What stands in the list. */
  label: string;
  detail: string;
  /** The whole line once it is taken. */
  line: string;
}

export interface Completion {
  offers: Offer[];
  /** How the command that is being typed goes on. */
  hint: string;
}

const NOTHING: Completion = { offers: [], hint: "" };
const MOST = 20;

export function complete(line: string, commands: Command[], people: Person[], language: Language): Completion {
  if (line.startsWith("/") && !line.includes("\n")) return completeCommand(line, commands, language);
  const mention = /(?:^|\s)@([^\s@]*)$/u.exec(line);
  return mention ? completePerson(line, mention[1] ?? "", people) : NOTHING;
}

function completeCommand(line: string, commands: Command[], language: Language): Completion {
  const [typed = "", ...rest] = line.split(" ");
  if (!rest.length) {
    const offers = commands
      .filter(({ command }) => command.startsWith(typed))
      .map(({ command, description, usage_hint: hint }) => ({ label: `${command} ${hint}`, detail: description, line: `${command} ` }));
    return { offers, hint: "" };
  }
  const command = commands.find((one) => one.command === typed);
  if (!command) return NOTHING;
  const verbs = command.verbs[language] ?? [];
  const word = (rest[0] ?? "").toLowerCase();
  if (rest.length === 1) {
    const offers = verbs
      .filter(({ verb, aliases }) => [verb, ...aliases].some((name) => name.startsWith(word)))
      .map(({ usage, aliases, summary, verb }) => ({
        label: `${typed} ${usage}`,
        detail: [summary, aliases.join(" ")].filter(Boolean).join(" · "),
        line: `${typed} ${verb} `,
      }));
    return { offers: offers.slice(0, MOST), hint: verbs.length ? "" : command.usage_hint };
  }
  const verb = verbs.find((one) => [one.verb, ...one.aliases].includes(word));
  return { offers: [], hint: verb ? `${typed} ${verb.usage} · ${verb.summary}` : command.usage_hint };
}

function completePerson(line: string, sought: string, people: Person[]): Completion {
  const before = line.slice(0, line.length - sought.length);
  const offers = people
    .filter((one) => isMentionable(one) && namesOf(one).some((name) => name.toLowerCase().startsWith(sought.toLowerCase())))
    .map((one) => ({ label: `@${one.display_name || one.real_name}`, detail: one.real_name, line: `${before}${one.display_name || one.real_name} ` }));
  return { offers: offers.slice(0, MOST), hint: "" };
}

function isMentionable(person: Person): boolean {
  return !person.deleted && !person.is_bot;
}

function namesOf(person: Person): string[] {
  return [person.name, person.display_name, person.real_name].filter(Boolean);
}

/** Turn `@Sato` into Slack's mention of that person. */
export function withMentions(text: string, people: Person[]): string {
  const named = people.filter(isMentionable).flatMap((one) => namesOf(one).map((name): [string, string] => [name, one.id]));
  // The longest name first: "@Sato Ken" is not "@Sato" and a word.
  named.sort(([one], [other]) => other.length - one.length);
  return text.replace(/@(\S[^@\n]*)/gu, (whole, rest: string) => {
    const match = named.find(([name]) => rest.startsWith(name));
    return match ? `<@${match[1]}>${rest.slice(match[0].length)}` : whole;
  });
}
