import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Channel, SlackFile, Step } from "../protocol";
import { useLanguage, useSay } from "../words";
import type { Suggested } from "./channel";
import { complete, type Completion, withMentions } from "./completion";
import { upload } from "./files";
import { useOffice } from "./office";
import { StepForm } from "./step_form";

interface Props {
  channel: Channel;
  threadTs?: string;
  suggested?: Suggested;
}

/** Where one types: messages, and commands with what may follow them. Enter sends, except while an IME composes. */
export function Composer({ channel, threadTs, suggested }: Props) {
  const { slices } = useOffice();
  const say = useSay();
  const language = useLanguage();
  const [line, setLine] = useState("");
  const [chosen, setChosen] = useState(0);
  const [isListClosed, setListClosed] = useState(false);
  const [files, setFiles] = useState<SlackFile[]>([]);
  const [problem, setProblem] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const { isSending, submit } = useSending(channel, threadTs);
  const completion = useMemo<Completion>(
    () => complete(line, threadTs ? [] : slices.app.commands, slices.people, language),
    [line, threadTs, slices.app.commands, slices.people, language],
  );
  const to = channel.im_user ? say("messageTo", { app: slices.app.name }) : say("messageIn", { channel: channel.name });
  const here = threadTs ? say("replyHere") : to;
  const offers = isListClosed ? [] : completion.offers;

  const type = (text: string) => {
    setLine(text);
    setChosen(0);
    setListClosed(false);
    setProblem("");
  };
  useSuggested(suggested, type, area);

  const send = async () => {
    const text = line.trim();
    if (!text && !files.length) return;
    if (threadTs && text.startsWith("/")) return setProblem(say("noCommandsInThreads"));
    type("");
    const failed = await submit(text, files);
    if (failed) type(line);
    else setFiles([]);
  };
  const take = (index: number) => {
    const offer = offers[index];
    if (offer) type(offer.line);
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Chromium and Firefox say isComposing, Safari ends a composition with key code 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const act = offers.length ? withList(event, { offers, chosen, line, setChosen, take, close: () => setListClosed(true) }) : false;
    if (act) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {offers.length > 0 && <Offers id={listId} completion={{ ...completion, offers }} chosen={chosen} take={take} />}
      <Attached files={files} onRemoved={(id) => setFiles(files.filter((file) => file.id !== id))} />
      <div className="line">
        <Plus onFiles={setFiles} onProblem={setProblem} withShortcuts={!threadTs} />
        <textarea
          ref={area}
          rows={Math.min(8, line.split("\n").length)}
          value={line}
          placeholder={here}
          aria-label={here}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={offers.length > 0}
          aria-controls={listId}
          aria-activedescendant={offers.length ? `${listId}-${chosen}` : undefined}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="primary" disabled={!line.trim() && !files.length}>
          {say("send")}
        </button>
      </div>
      <p className="hint" role="status">
        {problem || (isSending && say("sending")) || completion.hint || (!threadTs && !line && say("hint"))}
      </p>
    </form>
  );
}

interface Listed {
  offers: Completion["offers"];
  chosen: number;
  line: string;
  setChosen: (index: number) => void;
  take: (index: number) => void;
  close: () => void;
}

/** Keys while the list is open; true if the key was for the list. */
function withList(event: KeyboardEvent, { offers, chosen, line, setChosen, take, close }: Listed): boolean {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) setChosen((chosen + step + offers.length) % offers.length);
  else if (event.key === "Escape") close();
  else if (event.key === "Tab" && !event.shiftKey) take(chosen);
  // A line that is already whole is sent, as one expects of Enter.
  else if (event.key === "Enter" && !event.shiftKey && offers[chosen]?.line.trim() !== line.trim()) take(chosen);
  else return false;
  return true;
}

function Offers({ id, completion, chosen, take }: { id: string; completion: Completion; chosen: number; take: (index: number) => void }) {
  const say = useSay();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <ul className="offers" id={id} role="listbox" aria-label={say("completions")} ref={list}>
      {completion.offers.map((offer, index) => (
        <li key={offer.line} id={`${id}-${index}`} role="option" aria-selected={index === chosen}
          onPointerDown={(event) => {
            event.preventDefault();
            take(index);
          }}>
          <strong>{offer.label}</strong> <span className="muted">{offer.detail}</span>
        </li>
      ))}
    </ul>
  );
}

function useSuggested(suggested: Suggested | undefined, type: (line: string) => void, area: React.RefObject<HTMLTextAreaElement | null>) {
  const number = suggested?.number ?? 0;
  useEffect(() => {
    if (!number || !suggested) return;
    type(suggested.line);
    area.current?.focus();
    // Only a new suggestion types; what is typed afterwards stays.
  }, [number]);
}

function useSending(channel: Channel, threadTs: string | undefined) {
  const { slices, act } = useOffice();
  const [underWay, setUnderWay] = useState(0);
  const submit = async (text: string, files: SlackFile[]): Promise<boolean> => {
    setUnderWay((count) => count + 1);
    const ids = files.map((file) => file.id);
    const result = text.startsWith("/")
      ? await act({ act: "command", channel: channel.id, line: text })
      : await act({ act: "say", channel: channel.id, text: withMentions(text, slices.people), thread_ts: threadTs, files: ids });
    setUnderWay((count) => count - 1);
    return !result.ok;
  };
  return { isSending: underWay > 0, submit };
}

function Attached({ files, onRemoved }: { files: SlackFile[]; onRemoved: (id: string) => void }) {
  const say = useSay();
  if (!files.length) return null;
  return (
    <ul className="attached">
      {files.map((file) => (
        <li key={file.id}>
          📄 {file.name}{" "}
          <button type="button" className="plain" aria-label={say("removeFile", { name: file.name })} onClick={() => onRemoved(file.id)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

interface PlusProps {
  onFiles: (change: (files: SlackFile[]) => SlackFile[]) => void;
  onProblem: (problem: string) => void;
  withShortcuts: boolean;
}

/** Files, the app's shortcuts that need no message, and its steps as a workflow would run them. */
function Plus({ onFiles, onProblem, withShortcuts }: PlusProps) {
  const { slices, act } = useOffice();
  const say = useSay();
  const details = useRef<HTMLDetailsElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const close = () => details.current?.removeAttribute("open");
  const attach = async (list: FileList | null) => {
    for (const file of list ?? []) {
      onProblem(say("uploading", { name: file.name }));
      try {
        const stored = await upload(slices.me, file);
        onFiles((files) => [...files, stored]);
        onProblem("");
      } catch (error) {
        onProblem(say("uploadFailed", { name: file.name, reason: error instanceof Error ? error.message : String(error) }));
      }
    }
  };
  const shortcuts = withShortcuts ? slices.app.shortcuts.filter((one) => one.type === "global") : [];
  const [step, setStep] = useState<Step>();
  return (
    <>
    {step && <StepForm step={step} close={() => setStep(undefined)} />}
    <details className="plus" ref={details} onKeyDown={(event) => event.key === "Escape" && close()}>
      <summary aria-label={say("shortcuts")} title={say("shortcuts")}>
        <span aria-hidden="true">+</span>
      </summary>
      <ul className="popup">
        <li>
          <button type="button" onClick={() => picker.current?.click()}>
            <span aria-hidden="true">📎 </span>
            {say("attach")}
          </button>
        </li>
        {shortcuts.map(({ callback_id, name, description }) => (
          <li key={callback_id}>
            <button
              type="button"
              onClick={() => {
                close();
                void act({ act: "shortcut", callback_id });
              }}
            >
              <span aria-hidden="true">⚡ </span>
              {name} <span className="muted">{description}</span>
            </button>
          </li>
        ))}
        {withShortcuts && slices.app.steps.map((one) => (
          <li key={one.callback_id}>
            <button
              type="button"
              onClick={() => {
                close();
                setStep(one);
              }}
            >
              <span aria-hidden="true">⚙️ </span>
              {say("workflowStep", { title: one.title })}
            </button>
          </li>
        ))}
      </ul>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={say("attach")}
        onChange={(event) => {
          close();
          void attach(event.target.files);
        }}
      />
    </details>
    </>
  );
}
