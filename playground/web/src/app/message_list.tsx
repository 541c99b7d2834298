import { Fragment, useEffect, useRef } from "react";
import type { Message } from "../protocol";
import { useLanguage, useSay } from "../words";
import { MessageRow } from "./message";
import { useOffice } from "./office";
import { dateIn, day, ofTs } from "./times";

// Who has scrolled up this far (px) is reading, and is not to be pulled down.
const NEAR_END = 120;

/** Messages by day, the unread ones marked, kept at the end while one is there. */
export function MessageList({ messages, firstNew, label }: { messages: Message[]; firstNew: string; label: string }) {
  const { me } = useOffice();
  const say = useSay();
  const language = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const list = box.current;
    if (list && isAtEnd.current) list.scrollTop = list.scrollHeight;
  }, [messages]);
  return (
    <div
      className="messages"
      ref={box}
      role="log"
      aria-label={label}
      tabIndex={0}
      onScroll={({ currentTarget: list }) => {
        isAtEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
      }}
    >
      {messages.map((message, index) => {
        const isNewDay = dateOf(message, me.tz) !== dateOf(messages[index - 1], me.tz);
        return (
          <Fragment key={message.ts}>
            {isNewDay && <h2 className="day">{day(ofTs(message.ts), language, me.tz)}</h2>}
            {message.ts === firstNew && <p className="new">{say("newMessages")}</p>}
            <MessageRow message={message} />
          </Fragment>
        );
      })}
    </div>
  );
}

function dateOf(message: Message | undefined, tz: string): string {
  return message ? dateIn(ofTs(message.ts), tz) : "";
}
