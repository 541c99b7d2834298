import { useEffect } from "react";
import { Blocks } from "../blocks/blocks";
import type { Block } from "../protocol";
import { useSay } from "../words";
import { Composer } from "./composer";
import { MessageList } from "./message_list";
import { directMessages, useOffice } from "./office";
import { topLevel } from "./store";
import { useValues } from "./values";
import { useReading } from "./reading";

/** The app's own place: its Home tab, and the messages that it wrote to this person. */
export function AppPlace() {
  const { slices, place, go, send } = useOffice();
  const say = useSay();
  const tab = place.detail === "messages" ? "messages" : "home";
  const isReady = slices.bot.connected;
  useEffect(() => {
    if (isReady) void send({ act: "open_home", tab });
  }, [tab, isReady, send]);
  return (
    <main className="place">
      <header className="place-head">
        <h1>{slices.app.name}</h1>
        <div role="tablist" aria-label={slices.app.name}>
          {(["home", "messages"] as const).map((one) => (
            <button key={one} type="button" role="tab" id={`tab-${one}`} aria-selected={tab === one} aria-controls={`panel-${one}`}
              onClick={() => go({ detail: one })}>
              {say(one === "home" ? "appHome" : "appMessages")}
            </button>
          ))}
        </div>
      </header>
      <div className="panel" role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "home" ? <Home /> : <Direct />}
      </div>
    </main>
  );
}

const NO_BLOCKS: Block[] = [];

function Home() {
  const { slices } = useOffice();
  const say = useSay();
  const { home } = slices;
  const [values, change] = useValues(home?.id ?? "", home?.blocks ?? NO_BLOCKS, home?.state.values);
  if (!home) return <p className="empty">{say("homeEmpty", { app: slices.app.name })}</p>;
  return (
    <div className="home">
      <Blocks blocks={home.blocks} where={{ view: home.id }} values={values} onChange={change} />
    </div>
  );
}

function Direct() {
  const { slices, messages } = useOffice();
  const say = useSay();
  const direct = directMessages(slices);
  const shown = direct ? topLevel(messages[direct.id] ?? []) : [];
  const firstNew = useReading(direct?.id ?? "", shown);
  const { name, takes_messages } = slices.app;
  return (
    <>
      {shown.length ? (
        <MessageList messages={shown} firstNew={firstNew} label={name} />
      ) : (
        <p className="empty">{say("noDirect", { app: name })}</p>
      )}
      {takes_messages && direct ? <Composer channel={direct} /> : <p className="no-composer">{say("noComposer", { app: name })}</p>}
    </>
  );
}
