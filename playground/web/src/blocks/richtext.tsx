/** Text as people read it: rich_text blocks, and mrkdwn and plain text turned into the same. */

import { Fragment, memo, useMemo, type ReactNode } from "react";
import type { TextObject } from "../protocol";
import { useBlocks } from "./context";
import { formatDate, fullDate, type Reader } from "./dates";
import { useEmoji } from "./emoji";
import { isSlackLink, leavesThePage, safeHref } from "./links";
import { readMrkdwn, readPlain } from "./mrkdwn";
import type { RichElement, RichList, RichPart, RichStyle } from "./shapes";

const COLOR = /^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

export const RichText = memo(function RichText({ elements }: { elements: RichElement[] }) {
  return (
    <div className="b-text">
      {elements.map((element, index) => (
        <RichBlock key={index} element={element} />
      ))}
    </div>
  );
});

export function Mrkdwn({ text, verbatim = false }: { text: string; verbatim?: boolean }) {
  const elements = useMemo(() => readMrkdwn(text, verbatim), [text, verbatim]);
  return <RichText elements={elements} />;
}

export function PlainText({ text, emoji = true }: { text: string; emoji?: boolean }) {
  const parts = useMemo(() => readPlain(text, emoji), [text, emoji]);
  return (
    <span className="b-plain">
      <Parts parts={parts} />
    </span>
  );
}

/** Show a text object of either kind. */
export function TextOf({ text }: { text: TextObject }) {
  if (text.type === "mrkdwn") {
    return <Mrkdwn text={text.text} verbatim={text.verbatim} />;
  }
  return <PlainText text={text.text} emoji={text.emoji} />;
}

function RichBlock({ element }: { element: RichElement }) {
  switch (element.type) {
    case "rich_text_section":
      return <div className="b-lines"><Parts parts={element.elements} /></div>;
    case "rich_text_quote":
      return <blockquote className="b-quote"><Parts parts={element.elements} /></blockquote>;
    case "rich_text_preformatted":
      return <pre className="b-pre"><Parts parts={element.elements} /></pre>;
    case "rich_text_list":
      return <List list={element} />;
    default:
      throw new Error("unknown rich_text element");
  }
}

function List({ list }: { list: RichList }) {
  const indent = list.indent ?? 0;
  const className = `b-list b-list-${indent % 3}`;
  const style = { marginInlineStart: `${indent * 1.5}em` };
  const items = list.elements.map((item, index) => (
    <li key={index}>
      <Parts parts={item.elements} />
    </li>
  ));
  if (list.style === "ordered") {
    return (
      <ol className={className} style={style} start={(list.offset ?? 0) + 1}>
        {items}
      </ol>
    );
  }
  return (
    <ul className={className} style={style}>
      {items}
    </ul>
  );
}

function Parts({ parts }: { parts: RichPart[] }) {
  return parts.map((part, index) => <Fragment key={index}>{styled(<Part part={part} />, part.style)}</Fragment>);
}

function styled(node: ReactNode, style: RichStyle = {}): ReactNode {
  let shown = node;
  if (style.code) {
    shown = <code className="b-code">{shown}</code>;
  }
  if (style.strike) {
    shown = <s>{shown}</s>;
  }
  if (style.underline) {
    shown = <u>{shown}</u>;
  }
  if (style.italic) {
    shown = <em>{shown}</em>;
  }
  return style.bold ? <strong>{shown}</strong> : shown;
}

function Part({ part }: { part: RichPart }) {
  switch (part.type) {
    case "text":
      return part.text;
    case "link":
      return <Link url={part.url}>{part.text || part.url}</Link>;
    case "emoji":
      return <Emoji part={part} />;
    case "user":
      return <UserMention id={part.user_id} label={part.label} />;
    case "channel":
      return <ChannelMention id={part.channel_id} label={part.label} />;
    case "usergroup":
      return <span className="b-mention">@{part.label ?? part.usergroup_id}</span>;
    case "team":
      return <span className="b-mention">@{part.team_id}</span>;
    case "broadcast":
      return <span className="b-mention b-mention-me">@{part.range}</span>;
    case "date":
      return <SlackDate part={part} />;
    case "color":
      return <Color value={part.value} />;
    default:
      throw new Error("unknown part of rich text");
  }
}

export function Link({ url, children }: { url: string; children: ReactNode }) {
  const { openLink } = useBlocks();
  const href = safeHref(url);
  if (!href && openLink && isSlackLink(url)) {
    return (
      <button type="button" className="b-link" onClick={() => openLink(url)}>
        {children}
      </button>
    );
  }
  if (!href) {
    return <span title={url}>{children}</span>;
  }
  const away = leavesThePage(href) ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return (
    <a className="b-link" href={href} {...away} onClick={(event) => openLink?.(href) && event.preventDefault()}>
      {children}
    </a>
  );
}

function Emoji({ part }: { part: Extract<RichPart, { type: "emoji" }> }) {
  const emojiOf = useEmoji();
  const { emoji: custom } = useBlocks();
  const name = part.skin_tone && part.skin_tone > 1 ? `${part.name}::skin-tone-${part.skin_tone}` : part.name;
  const shown = custom?.(name) ?? emojiOf(name) ?? fromCodes(part.unicode);
  return shown ? <span title={`:${name}:`}>{shown}</span> : `:${name}:`;
}

function fromCodes(codes: string | undefined): string | undefined {
  const points = codes?.split("-").map((code) => parseInt(code, 16)) ?? [];
  const isValid = points.length > 0 && points.every((point) => point >= 0 && point <= 0x10ffff);
  return isValid ? String.fromCodePoint(...points) : undefined;
}

function UserMention({ id, label }: { id: string; label?: string }) {
  const { people, me } = useBlocks();
  const person = people.get(id);
  const name = person ? person.display_name || person.real_name || person.name : (label ?? id);
  return <span className={id === me ? "b-mention b-mention-me" : "b-mention"}>@{name}</span>;
}

function ChannelMention({ id, label }: { id: string; label?: string }) {
  const { channels } = useBlocks();
  return <span className="b-mention">#{channels.get(id)?.name || label || id}</span>;
}

function SlackDate({ part }: { part: Extract<RichPart, { type: "date" }> }) {
  const reader = useReader();
  const date = new Date(part.timestamp * 1000);
  if (Number.isNaN(date.getTime())) {
    return part.fallback ?? part.format;
  }
  const shown = (
    <time dateTime={date.toISOString()} title={fullDate(part.timestamp, reader)}>
      {formatDate(part.timestamp, part.format, reader)}
    </time>
  );
  return part.url ? <Link url={part.url}>{shown}</Link> : shown;
}

export function useReader(): Reader {
  const { language, tz, now } = useBlocks();
  return { language, tz, now: new Date(now?.() ?? Date.now()) };
}

function Color({ value }: { value: string }) {
  return (
    <span className="b-color">
      {COLOR.test(value) && <span className="b-swatch" style={{ backgroundColor: value }} />}
      {value}
    </span>
  );
}
