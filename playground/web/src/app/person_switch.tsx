import { useRef } from "react";
import type { Person } from "../protocol";
import { type Language, languageOf, useSay } from "../words";
import { Avatar } from "./avatar";
import { nameOf, useOffice } from "./office";
import { addressOf } from "./place";

/** Who one is, everybody one could be, and the language that person has set in Slack. */
export function PersonSwitch() {
  const { slices, me, go } = useOffice();
  const say = useSay();
  const details = useRef<HTMLDetailsElement>(null);
  const others = slices.people.filter((one) => !one.is_bot && !one.deleted);
  return (
    <div className="switch">
      <details ref={details} onKeyDown={(event) => event.key === "Escape" && details.current?.removeAttribute("open")}>
        <summary>
          <Avatar person={me} id={me.id} />
          <span className="who">
            <span className="hidden">{say("youAre")} </span>
            <strong>{nameOf(me, me.id)}</strong>
            <span className="roles">{useRoles(me)}</span>
          </span>
          <span aria-hidden="true">▾</span>
        </summary>
        <ul aria-label={say("switchPerson")}>
          {others.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                aria-current={person.id === me.id ? "true" : undefined}
                onClick={() => {
                  details.current?.removeAttribute("open");
                  go({ as: person.id, at: "", detail: "" });
                }}
              >
                <Avatar person={person} id={person.id} />
                <span className="who">
                  <strong>{nameOf(person, person.id)}</strong>
                  <Roles person={person} />
                </span>
              </button>
              <a
                className="new-tab"
                href={addressOf({ as: person.id, at: "", detail: "" })}
                target="_blank"
                rel="noopener"
                aria-label={say("newTab", { name: nameOf(person, person.id) })}
                title={say("newTab", { name: nameOf(person, person.id) })}
              >
                ↗
              </a>
            </li>
          ))}
        </ul>
      </details>
      <LanguageSwitch />
    </div>
  );
}

function Roles({ person }: { person: Person }) {
  return <span className="roles">{useRoles(person)}</span>;
}

/** What tells people apart here: their rights in Slack and the channels they are in. */
function useRoles(person: Person): string {
  const { slices } = useOffice();
  const say = useSay();
  const channels = slices.channels.filter((one) => !one.im_user && one.members.includes(person.id));
  const named = channels.filter((one) => one.name !== "general").map((one) => `#${one.name}`);
  const rights = [
    person.is_admin && say("manager"),
    person.is_guest && say("guest"),
    person.is_stranger && say("stranger"),
  ].filter((one) => one !== false);
  return [...rights, ...named].slice(0, 2).join(" · ");
}

const LANGUAGES: { language: Language; locale: string; key: "japanese" | "english" }[] = [
  { language: "ja", locale: "ja-JP", key: "japanese" },
  { language: "en", locale: "en-US", key: "english" },
];

function LanguageSwitch() {
  const { me, act } = useOffice();
  const say = useSay();
  return (
    <div className="languages" role="group" aria-label={say("language")}>
      {LANGUAGES.map(({ language, locale, key }) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={languageOf(me.locale) === language}
          onClick={() => act({ act: "locale", locale })}
        >
          {say(key)}
        </button>
      ))}
    </div>
  );
}
