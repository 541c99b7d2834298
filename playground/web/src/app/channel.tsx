import { useSay } from "../words";
import { Composer } from "./composer";
import { MessageList } from "./message_list";
import { useOffice } from "./office";
import { useReading } from "./reading";
import { topLevel } from "./store";
import { Thread } from "./thread";
import { Tour } from "./tour";

export interface Suggested {
  line: string;
  number: number;
}

/** One channel: its messages, the composer, and the thread that is open. */
export function ChannelPlace({ channelId, suggested }: { channelId: string; suggested: Suggested }) {
  const { channels, messages, place } = useOffice();
  const say = useSay();
  const channel = channels.get(channelId);
  const all = messages[channelId] ?? [];
  const shown = topLevel(all);
  const firstNew = useReading(channelId, shown);
  if (!channel) return <main className="place empty">{say("noMessages")}</main>;
  const opened = place.detail && all.some((message) => message.ts === place.detail) ? place.detail : "";
  return (
    <>
      <main className="place">
        <header className="place-head">
          <h1>
            <span aria-hidden="true">{channel.is_private ? "🔒" : "# "}</span>
            {channel.name}
          </h1>
          <span className="muted">
            {say("members", { count: channel.members.length })}
            {channel.is_ext_shared && ` · ${say("shared")}`}
          </span>
        </header>
        {shown.length ? (
          <MessageList messages={shown} firstNew={firstNew} label={`#${channel.name}`} />
        ) : (
          <p className="empty">{say("noMessages")}</p>
        )}
        <Tour />
        <Composer key={channelId} channel={channel} suggested={suggested} />
      </main>
      {opened && <Thread channel={channel} ts={opened} />}
    </>
  );
}
