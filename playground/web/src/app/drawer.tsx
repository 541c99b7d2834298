import { useEffect, useState } from "react";
import type { Call, SlackMood } from "../protocol";
import { useSay } from "../words";
import { useOffice } from "./office";

const MOODS: SlackMood[] = ["fine", "slow", "limited", "down"];

/** For the curious: Slack's moods, and the payloads that go each way. */
export function Drawer({ calls, onClose }: { calls: Call[]; onClose: () => void }) {
  const { send } = useOffice();
  const say = useSay();
  useEffect(() => {
    void send({ act: "watch_calls", on: true });
    return () => void send({ act: "watch_calls", on: false });
  }, [send]);
  return (
    <aside className="drawer" aria-label={say("drawer")} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header className="place-head">
        <h1>{say("drawer")}</h1>
        <button type="button" className="plain" aria-label={say("close")} onClick={onClose}>
          ×
        </button>
      </header>
      <Moods />
      <Traffic calls={calls} />
    </aside>
  );
}

function Moods() {
  const { slices, act } = useOffice();
  const say = useSay();
  const { mood } = slices.slack;
  return (
    <fieldset className="moods">
      <legend>{say("slackIs")}</legend>
      {MOODS.map((one) => (
        <label key={one}>
          <input type="radio" name="mood" checked={mood === one} onChange={() => act({ act: "slack", mood: one })} />
          {say(one)}
        </label>
      ))}
      <p className="muted" role="status">
        {say(`${mood}Help`)}
      </p>
    </fieldset>
  );
}

function Traffic({ calls }: { calls: Call[] }) {
  const say = useSay();
  const [sought, setSought] = useState("");
  const wanted = sought.toLowerCase();
  const shown = calls.filter((call) => !wanted || JSON.stringify(call).toLowerCase().includes(wanted)).reverse();
  return (
    <section className="traffic" aria-label={say("traffic")}>
      <h2>{say("traffic")}</h2>
      <input type="search" value={sought} placeholder={say("filterCalls")} aria-label={say("filterCalls")} onChange={(event) => setSought(event.target.value)} />
      {shown.length === 0 && <p className="muted">{say("noCalls")}</p>}
      <ol>
        {shown.map((call) => (
          <li key={call.number}>
            <CallDetails call={call} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function CallDetails({ call }: { call: Call }) {
  const say = useSay();
  const [isOpen, setOpen] = useState(false);
  const isFine = call.answer.ok === true;
  const toApp = call.direction === "out";
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="direction" title={say(toApp ? "toApp" : "fromApp")}>
          {toApp ? "→" : "←"}
          <span className="hidden">{say(toApp ? "toApp" : "fromApp")}</span>
        </span>{" "}
        <code>{call.method}</code>{" "}
        <span className={isFine ? "muted" : "bad"}>{isFine ? "" : String(call.answer.error ?? call.answer.outcome ?? call.status)}</span>
        <span className="muted time">{Math.round(call.seconds * 1000)} ms</span>
      </summary>
      {isOpen && (
        <>
          <h3>{say("args")}</h3>
          <pre tabIndex={0}>{JSON.stringify(call.args, null, 2)}</pre>
          <h3>{say("answer")}</h3>
          <pre tabIndex={0}>{JSON.stringify(call.answer, null, 2)}</pre>
        </>
      )}
    </details>
  );
}
