import { useCallback, useEffect, useMemo, useState } from "react";
import { BlocksContext } from "../blocks/context";
import type { Message, Slices } from "../protocol";
import { type Language, LanguageContext, languageOf, sayIn, useSay } from "../words";
import { AppPlace } from "./app_place";
import { ChannelPlace } from "./channel";
import { type Send, useConnection } from "./connection";
import { Drawer } from "./drawer";
import { Modal } from "./modal";
import { directMessages, failure, type Office, OfficeContext, ownChannels, useOffice } from "./office";
import { APP, type Place, usePlace } from "./place";
import { Sidebar } from "./sidebar";
import { useSurroundings } from "./surroundings";
import { Toasts, useToasts } from "./toasts";
import { TopBar } from "./top_bar";

/** The page: connected as one person, at one place. */
export function App() {
  const [place, go] = usePlace();
  const [state, send] = useConnection(place.as);
  if (!state.slices) return <Waiting isLost={state.status === "lost"} />;
  const shared = { slices: state.slices, messages: state.messages, place, go, send };
  return <Frame {...shared} key={state.slices.me} isLost={state.status === "lost"} calls={state.calls} />;
}

function Waiting({ isLost }: { isLost: boolean }) {
  const say = sayIn(languageOf(navigator.language));
  return (
    <main className="waiting" role="status">
      <p>{say(isLost ? "lost" : "connecting")}</p>
    </main>
  );
}

interface FrameProps {
  slices: Slices;
  messages: Record<string, Message[]>;
  place: Place;
  go: (change: Partial<Place>) => void;
  send: Send;
  isLost: boolean;
  calls: Parameters<typeof Drawer>[0]["calls"];
}

function Frame({ slices, messages, place, go, send, isLost, calls }: FrameProps) {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [suggested, setSuggested] = useState({ line: "", number: 0 });
  const [toasts, toast, dismiss] = useToasts();
  const people = useMemo(() => new Map(slices.people.map((one) => [one.id, one])), [slices.people]);
  const channels = useMemo(() => new Map(slices.channels.map((one) => [one.id, one])), [slices.channels]);
  const me = people.get(slices.me);
  const language = languageOf(me?.locale ?? "");
  const at = knownPlace(place.at, slices);

  const act = useCallback<Office["act"]>(
    async (...given) => {
      const result = await send(...given);
      if (!result.ok && !result.errors) toast(failure(result, sayIn(language)));
      return result;
    },
    [send, toast, language],
  );
  const suggestLine = useCallback((line: string) => setSuggested(({ number }) => ({ line, number: number + 1 })), []);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `${slices.app.name} – ${slices.team.name}`;
  }, [language, slices.app.name, slices.team.name]);
  useFirstVisit({ place, go, send, me: slices.me, language });
  // A dialog or a link may have led elsewhere: the menu of a phone has done its work then.
  useEffect(() => setMenuOpen(false), [at]);

  const surroundings = useSurroundings({ people, channels, slices, language, send, go });
  if (!me) return <Waiting isLost />;
  const office: Office = { slices, messages, me, people, channels, place: { ...place, at }, go, send, act, suggestLine };
  return (
    <LanguageContext value={language}>
      <OfficeContext value={office}>
        <BlocksContext value={surroundings}>
          <div className={`frame${isMenuOpen ? " menu-open" : ""}${isDrawerOpen ? " drawer-open" : ""}`}>
            <TopBar onMenu={() => setMenuOpen(!isMenuOpen)} isMenuOpen={isMenuOpen}
              onDrawer={() => setDrawerOpen(!isDrawerOpen)} isDrawerOpen={isDrawerOpen} />
            <Banner isLost={isLost} />
            <Sidebar onChosen={() => setMenuOpen(false)} />
            {at === APP ? <AppPlace /> : <ChannelPlace key={at} channelId={at} suggested={suggested} />}
            {isDrawerOpen && <Drawer calls={calls} onClose={() => setDrawerOpen(false)} />}
          </div>
          <Modal />
          <Toasts toasts={toasts} dismiss={dismiss} />
        </BlocksContext>
      </OfficeContext>
    </LanguageContext>
  );
}

interface Visit {
  place: Place;
  go: FrameProps["go"];
  send: Send;
  me: string;
  language: Language;
}

/** Whoever comes without saying as whom is met in the language of their browser. */
function useFirstVisit({ place, go, send, me, language }: Visit): void {
  const isFirst = place.as === "";
  useEffect(() => {
    if (!isFirst) return;
    go({ as: me });
    const theirs = languageOf(navigator.language);
    if (theirs !== language) void send({ act: "locale", locale: theirs === "ja" ? "ja-JP" : "en-US" });
    // Once, on arrival: the language may be switched afterwards.
  }, [isFirst]);
}

function Banner({ isLost }: { isLost: boolean }) {
  const { slices } = useOffice();
  const say = useSay();
  if (isLost) return <p className="banner" role="alert">{say("lost")}</p>;
  if (!slices.bot.connected) return <p className="banner" role="status">{say("appAway", { app: slices.app.name })}</p>;
  return null;
}

/** Any place that this person can be at: the one asked for, else the first channel that is not everybody's. */
function knownPlace(at: string, slices: Slices): string {
  const known = at === APP || slices.channels.some((one) => one.id === at && one.members.includes(slices.me));
  if (directMessages(slices)?.id === at) return APP;
  const own = ownChannels(slices);
  return known ? at : (own.find((one) => one.name !== "general")?.id ?? own[0]?.id ?? APP);
}
