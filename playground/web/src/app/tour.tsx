import { useSyncExternalStore } from "react";
import { type Key, languageOf, useSay } from "../words";
import { type Office, useOffice } from "./office";

// The demo's names: the server says which of these steps there are, and which are done.
const MARKETING = "C0MARKETING";
const SALES = "C0SALES";
const TANAKA = "U0TANAKA";
const SATO = "U0SATO";
const HIDDEN = "tour-hidden";

interface Step {
  id: string;
  title: Key;
  how: Key;
  begin: (office: Office) => void;
}

const STEPS: Step[] = [
  {
    id: "add",
    title: "tourAdd",
    how: "tourAddHow",
    begin: (office) => typeAs(office, TANAKA, MARKETING, "/lead add"),
  },
  {
    id: "log",
    title: "tourLog",
    how: "tourLogHow",
    begin: (office) => typeAs(office, TANAKA, MARKETING, `/lead log ${lastLead(office)} ${languageOf(office.me.locale) === "ja" ? "セミナー" : "seminar"}`),
  },
  { id: "claim", title: "tourClaim", how: "tourClaimHow", begin: ({ go }) => go({ as: SATO, at: SALES, detail: "" }) },
  {
    id: "clock",
    title: "tourClock",
    how: "tourClockHow",
    begin: ({ slices, act }) => slices.clock.next_morning && void act({ act: "move_clock", to: slices.clock.next_morning }),
  },
];

/** Put a line into the composer where it belongs; as somebody else that is another visit to the page. */
function typeAs({ slices, go, suggestLine }: Office, who: string, at: string, line: string): void {
  const mayType = slices.channels.some((one) => one.id === at && one.members.includes(slices.me));
  go({ as: mayType ? slices.me : who, at, detail: "" });
  suggestLine(line);
}

/** The lead that was spoken of last, which is the one just added. */
function lastLead({ messages }: Office): string {
  const said = (messages[MARKETING] ?? []).map((message) => message.text).join("\n");
  return said.match(/\bL-\d+/g)?.at(-1) ?? "L-1";
}

const listeners = new Set<() => void>();

function setHidden(isHidden: boolean): void {
  localStorage.setItem(HIDDEN, isHidden ? "yes" : "");
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTour() {
  const isHidden = useSyncExternalStore(subscribe, () => localStorage.getItem(HIDDEN) === "yes");
  return { isHidden, show: () => setHidden(false), hide: () => setHidden(true) };
}

/** The first steps, each ticked off once it was done, by whomever. */
export function Tour() {
  const office = useOffice();
  const say = useSay();
  const { isHidden, hide } = useTour();
  const done = office.slices.tour;
  if (!done || isHidden) return null;
  const next = STEPS.find((step) => !done.includes(step.id));
  return (
    <section className="tour" aria-label={say("tour")}>
      <button type="button" className="plain hide" aria-label={say("tourHide")} onClick={hide}>
        ×
      </button>
      <ol>
        {STEPS.map((step) => (
          <li key={step.id} className={done.includes(step.id) ? "done" : step === next ? "next" : ""}>
            <span className="tick" aria-hidden="true">
              {done.includes(step.id) ? "✓" : ""}
            </span>
            <span className="step">
              <strong>{say(step.title)}</strong>
              {done.includes(step.id) && <span className="hidden"> ({say("done")})</span>}
              <span className="how">{say(step.how)}</span>
              {step === next && (
                <button type="button" onClick={() => step.begin(office)}>
                  {say("tourTry")}
                </button>
              )}
            </span>
          </li>
        ))}
      </ol>
      {!next && <p>{say("tourDone", { drawer: say("drawer") })}</p>}
    </section>
  );
}
