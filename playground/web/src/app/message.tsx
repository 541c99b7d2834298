import { memo } from "react";
import { Blocks } from "../blocks/blocks";
import { Mrkdwn } from "../blocks/richtext";
import type { Message, SlackFile } from "../protocol";
import { useLanguage, useSay } from "../words";
import { Avatar } from "./avatar";
import { fileUrl, sizeOf } from "./files";
import { MessageActions } from "./message_actions";
import { nameOf, useOffice } from "./office";
import { Reactions } from "./reactions";
import { isReply, repliesTo } from "./store";
import { clockTime, dayAndTime, ofTs } from "./times";
import { useValues } from "./values";

/** One message with all that hangs on it. `isInThread` leaves out the way into the thread. */
export const MessageRow = memo(function MessageRow({ message, isInThread = false }: { message: Message; isInThread?: boolean }) {
  const { people, slices, me } = useOffice();
  const say = useSay();
  const language = useLanguage();
  const author = people.get(message.user);
  const name = nameOf(author, message.user === "USLACKBOT" ? "Slackbot" : message.user);
  const at = ofTs(message.ts);
  const isApp = message.user === slices.app.bot_user;
  return (
    <article className={`message${message.only_for ? " private" : ""}`} data-ts={message.ts} aria-label={`${name} ${clockTime(at, language, me.tz)}`}>
      <Avatar person={author} id={message.user} />
      <div className="body">
        {message.only_for && (
          <p className="only-you">
            <span aria-hidden="true">👁 </span>
            {say("onlyYou")}
          </p>
        )}
        <p className="by">
          <strong>{name}</strong>
          {isApp && <span className="app-mark">{say("appMark")}</span>}{" "}
          <time dateTime={at.toISOString()} title={dayAndTime(at, language, me.tz)}>
            {clockTime(at, language, me.tz)}
          </time>
          {message.edited && message.user !== slices.app.bot_user && <span className="muted"> {say("edited")}</span>}
        </p>
        <Content message={message} />
        {message.files?.map((file) => <FileLink key={file.id} file={file} />)}
        <Reactions message={message} />
        {!isInThread && <Replies message={message} />}
      </div>
      {!message.only_for && <MessageActions message={message} isInThread={isInThread} />}
    </article>
  );
});

const NO_BLOCKS: NonNullable<Message["blocks"]> = [];

function Content({ message }: { message: Message }) {
  const blocks = message.blocks ?? NO_BLOCKS;
  const [values, change] = useValues(message.ts, blocks);
  if (!blocks.length) return message.text ? <Mrkdwn text={message.text} verbatim={false} /> : null;
  return <Blocks blocks={blocks} where={{ channel: message.channel, ts: message.ts }} values={values} onChange={change} />;
}

function FileLink({ file }: { file: SlackFile }) {
  const say = useSay();
  if (file.deleted) return <p className="muted">{say("fileDeleted")}</p>;
  return (
    <a className="file" href={fileUrl(file.id)} download={file.name} aria-label={say("download", { name: file.name })}>
      <span aria-hidden="true">📄</span>
      <span>
        <strong>{file.title || file.name}</strong>
        <span className="muted"> {sizeOf(file.size)}</span>
      </span>
    </a>
  );
}

function Replies({ message }: { message: Message }) {
  const { messages, go } = useOffice();
  const say = useSay();
  if (isReply(message)) return null;
  const replies = repliesTo(messages[message.channel] ?? [], message.ts);
  if (!replies.length) return null;
  return (
    <button type="button" className="plain replies" onClick={() => go({ detail: message.ts })}>
      {say(replies.length === 1 ? "oneReply" : "replies", { count: replies.length })}
    </button>
  );
}
