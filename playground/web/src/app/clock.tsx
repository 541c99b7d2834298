import { useEffect, useRef, useState } from "react";
import { toEpoch, toLocal } from "../blocks/dates";
import { useLanguage, useSay } from "../words";
import { useOffice } from "./office";
import { dayAndTime, inDays, tomorrowAtNine } from "./times";

const TICK_MS = 1000;
const HOUR_MS = 3_600_000;

/** The workspace's time: what the server last said, and what has passed since. */
function useNow(): Date {
  const { slices } = useOffice();
  const [passed, setPassed] = useState(0);
  const told = slices.clock.now;
  useEffect(() => {
    const since = performance.now();
    setPassed(0);
    const timer = setInterval(() => setPassed(performance.now() - since), TICK_MS);
    return () => clearInterval(timer);
  }, [told]);
  return new Date(new Date(told).getTime() + passed);
}

/** The time, and a menu that moves it. */
export function ClockMenu() {
  const { slices, me } = useOffice();
  const say = useSay();
  const language = useLanguage();
  const now = useNow();
  const details = useRef<HTMLDetailsElement>(null);
  const shown = dayAndTime(now, language, me.tz);
  const { moving_to: goal, is_movable: isMovable } = slices.clock;
  if (goal) {
    const to = dayAndTime(new Date(goal), language, me.tz);
    return (
      <span className="clock moving" role="status">
        <span className="spinner" aria-hidden="true" /> {say("moving", { to, now: shown })}
      </span>
    );
  }
  if (!isMovable) return <span className="clock">{say("clockNow", { time: shown })}</span>;
  return (
    <details className="clock" ref={details} onKeyDown={(event) => event.key === "Escape" && details.current?.removeAttribute("open")}>
      <summary aria-label={`${say("clock")}: ${shown}. ${say("moveClock")}`}>
        <span aria-hidden="true">🕘 </span>
        {shown} <span aria-hidden="true">▾</span>
      </summary>
      <ClockChoices now={now} onChosen={() => details.current?.removeAttribute("open")} />
    </details>
  );
}

function ClockChoices({ now, onChosen }: { now: Date; onChosen: () => void }) {
  const { slices, me, act } = useOffice();
  const say = useSay();
  const language = useLanguage();
  const [wall, setWall] = useState("");
  const tomorrow = tomorrowAtNine(now, me.tz);
  const morning = slices.clock.next_morning ? new Date(slices.clock.next_morning) : null;
  const choices: [string, Date][] = [
    [say("plusHour"), new Date(now.getTime() + HOUR_MS)],
    [say("tomorrow"), tomorrow],
    [say("plusWeek"), inDays(now, 7)],
    [say("plusMonth"), inDays(now, 30)],
  ];
  if (morning && morning.getTime() !== tomorrow.getTime()) choices.splice(2, 0, [say("workday"), morning]);
  const moveTo = (at: Date) => {
    onChosen();
    void act({ act: "move_clock", to: at.toISOString() });
  };
  return (
    <div className="choices">
      <p>{say("clockHelp")}</p>
      <ul>
        {choices.map(([label, at]) => (
          <li key={label}>
            <button type="button" onClick={() => moveTo(at)}>
              {label} <span className="muted">{dayAndTime(at, language, me.tz)}</span>
            </button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = toEpoch(wall, me.tz);
          if (chosen !== undefined) moveTo(new Date(chosen * 1000));
        }}
      >
        <label>
          {say("moveTo")}{" "}
          <input type="datetime-local" value={wall} min={toLocal(now.getTime() / 1000, me.tz)} onChange={(event) => setWall(event.target.value)} required />
        </label>
        <button type="submit">{say("moveClock")}</button>
      </form>
    </div>
  );
}
