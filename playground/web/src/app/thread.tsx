import type { Channel } from "../protocol";
import { useSay } from "../words";
import { Composer } from "./composer";
import { MessageRow } from "./message";
import { useOffice } from "./office";
import { isReply, repliesTo } from "./store";

/** A thread beside its channel: the message it hangs on, and the replies. */
export function Thread({ channel, ts }: { channel: Channel; ts: string }) {
  const { messages, go } = useOffice();
  const say = useSay();
  const all = messages[channel.id] ?? [];
  const named = all.find((message) => message.ts === ts);
  const parentTs = named && isReply(named) ? (named.thread_ts ?? ts) : ts;
  const parent = all.find((message) => message.ts === parentTs);
  return (
    <aside className="thread" aria-label={say("thread")} onKeyDown={(event) => event.key === "Escape" && !event.defaultPrevented && go({ detail: "" })}>
      <header className="place-head">
        <h1>{say("thread")}</h1>
        <button type="button" className="plain" aria-label={say("close")} onClick={() => go({ detail: "" })}>
          ×
        </button>
      </header>
      <div className="messages" role="log" aria-label={say("thread")} tabIndex={0}>
        {parent && <MessageRow message={parent} isInThread />}
        {repliesTo(all, parentTs).map((message) => (
          <MessageRow key={message.ts} message={message} isInThread />
        ))}
      </div>
      <Composer channel={channel} threadTs={parentTs} />
    </aside>
  );
}
