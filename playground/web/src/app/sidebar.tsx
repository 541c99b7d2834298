import type { Channel } from "../protocol";
import { useSay } from "../words";
import { directMessages, ownChannels, useOffice } from "./office";
import { PersonSwitch } from "./person_switch";
import { addressOf, APP } from "./place";
import { topLevel, unreadCount } from "./store";

/** Channels with their unread marks, the app, and who one is. */
export function Sidebar({ onChosen }: { onChosen: () => void }) {
  const { slices } = useOffice();
  const say = useSay();
  const direct = directMessages(slices);
  return (
    <nav className="sidebar" id="sidebar" aria-label={say("menu")}>
      <PersonSwitch />
      <h2 id="channels">{say("channels")}</h2>
      <ul aria-labelledby="channels">
        {ownChannels(slices).map((channel) => (
          <Entry key={channel.id} at={channel.id} name={channel.name} mark={markOf(channel)} unreadIn={channel} onChosen={onChosen} />
        ))}
      </ul>
      <h2 id="apps">{say("apps")}</h2>
      <ul aria-labelledby="apps">
        <Entry at={APP} name={slices.app.name} mark="◆" unreadIn={direct} onChosen={onChosen} />
      </ul>
    </nav>
  );
}

function markOf(channel: Channel): string {
  return channel.is_private ? "🔒" : channel.is_ext_shared ? "↔" : "#";
}

interface EntryProps {
  at: string;
  name: string;
  mark: string;
  unreadIn: Channel | undefined;
  onChosen: () => void;
}

function Entry({ at, name, mark, unreadIn, onChosen }: EntryProps) {
  const { slices, messages, place, go } = useOffice();
  const say = useSay();
  const shown = unreadIn ? topLevel(messages[unreadIn.id] ?? []) : [];
  const unread = unreadIn ? unreadCount(shown, slices.read[unreadIn.id], slices.me) : 0;
  const isHere = place.at === at;
  const detail = at === APP ? (unread ? "messages" : "home") : "";
  return (
    <li>
      <a
        href={addressOf({ as: slices.me, at, detail })}
        className={`entry${unread && !isHere ? " unread" : ""}`}
        aria-current={isHere ? "page" : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          go({ as: slices.me, at, detail });
          onChosen();
        }}
      >
        <span className="mark" aria-hidden="true">
          {mark}
        </span>
        <span className="name">{name}</span>
        {unread > 0 && !isHere && (
          <span className="badge">
            <span aria-hidden="true">{unread}</span>
            <span className="hidden">{say("unread", { count: unread })}</span>
          </span>
        )}
      </a>
    </li>
  );
}

