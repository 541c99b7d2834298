import { useRef } from "react";
import type { Message } from "../protocol";
import { useSay } from "../words";
import { useOffice } from "./office";
import { EmojiPicker } from "./reactions";

/** What can be done with a message: react, reply, and the app's shortcuts on messages. */
export function MessageActions({ message, isInThread }: { message: Message; isInThread: boolean }) {
  const { slices, act, go } = useOffice();
  const say = useSay();
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => menu.current?.removeAttribute("open");
  const { channel, ts } = message;
  const shortcuts = slices.app.shortcuts.filter((one) => one.type === "message");
  return (
    <div className="actions-on-message">
      <EmojiPicker label={say("react")} onChosen={(name) => act({ act: "react", channel, ts, name, on: true })} />
      {!isInThread && (
        <button type="button" aria-label={say("reply")} title={say("reply")} onClick={() => go({ detail: message.thread_ts || ts })}>
          <span aria-hidden="true">💬</span>
        </button>
      )}
      {shortcuts.length > 0 && (
        <details ref={menu} onKeyDown={(event) => event.key === "Escape" && close()}>
          <summary aria-label={say("more")} title={say("more")}>
            <span aria-hidden="true">⋯</span>
          </summary>
          <ul className="popup">
            {shortcuts.map(({ callback_id, name }) => (
              <li key={callback_id}>
                <button
                  type="button"
                  onClick={() => {
                    close();
                    void act({ act: "message_shortcut", callback_id, channel, ts });
                  }}
                >
                  {name} <span className="muted">{slices.app.name}</span>
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
