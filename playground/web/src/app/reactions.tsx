import { useEffect, useRef, useState } from "react";
import { emojiOf, searchEmoji, useEmoji } from "../blocks/emoji";
import type { Message } from "../protocol";
import { useSay } from "../words";
import { nameOf, useOffice } from "./office";

const OFTEN = ["raised_hand", "raising_hand", "white_check_mark", "eyes", "+1", "tada", "pray", "fire"];

/** The reactions under a message; one's own can be taken back. */
export function Reactions({ message }: { message: Message }) {
  const { slices, people, act } = useOffice();
  const say = useSay();
  useEmoji();
  if (!message.reactions?.length) return null;
  const { channel, ts } = message;
  return (
    <div className="reactions">
      {message.reactions.map(({ name, users }) => {
        const isMine = users.includes(slices.me);
        const who = users.map((id) => nameOf(people.get(id), id)).join(", ");
        return (
          <button
            key={name}
            type="button"
            aria-pressed={isMine}
            aria-label={say("reactedBy", { name, people: who })}
            title={say("reactedBy", { name, people: who })}
            onClick={() => act({ act: "react", channel, ts, name, on: !isMine })}
          >
            {emojiOf(name) ?? `:${name}:`} {users.length}
          </button>
        );
      })}
    </div>
  );
}

/** A button that opens the emoji: those used often first, all others by name. */
export function EmojiPicker({ label, onChosen }: { label: string; onChosen: (name: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: PointerEvent) => !box.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [isOpen]);
  return (
    <div className="picker" ref={box} onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
      <button type="button" aria-label={label} title={label} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span aria-hidden="true">☺</span>
      </button>
      {isOpen && (
        <Choices
          onChosen={(name) => {
            setOpen(false);
            onChosen(name);
          }}
        />
      )}
    </div>
  );
}

function Choices({ onChosen }: { onChosen: (name: string) => void }) {
  const say = useSay();
  const [sought, setSought] = useState("");
  useEmoji();
  const names = sought ? searchEmoji(sought).map((found) => found.name) : OFTEN;
  return (
    <div className="popup emoji">
      <input type="search" autoFocus placeholder={say("searchEmoji")} aria-label={say("searchEmoji")} value={sought}
        onChange={(event) => setSought(event.target.value)} />
      <ul>
        {names.map((name) => (
          <li key={name}>
            <button type="button" title={name} aria-label={name} onClick={() => onChosen(name)}>
              {emojiOf(name) ?? name}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
