/** Blocks of Block Kit, each shown for itself: one that is broken takes no other with it. */

import { Fragment, lazy, Suspense, useId, type ReactNode } from "react";
import type { Block, Element, Held, TextObject, Values, Where } from "../protocol";
import { type Key, useSay } from "../words";
import type { Surface } from "./act";
import { Boundary, CannotShow } from "./boundary";
import { Card, Carousel, Container } from "./cards";
import { Control, isGroup } from "./controls";
import { ImageFigure, ImagePlaceholder, VideoFigure } from "./pictures";
import { PlainText, RichText, TextOf } from "./richtext";
import type {
  AlertBlock,
  CardBlock,
  CarouselBlock,
  ContainerBlock,
  ContextBlock,
  FileBlock,
  ImageBlock,
  ImageElement,
  InputBlock,
  RichTextBlock,
  SectionBlock,
  TableBlock,
  VideoBlock,
  WithElements,
  WithText,
} from "./shapes";
import { blockId } from "./state";
import { Table } from "./table";
import "./blocks.css";

const Library = lazy(() => import("./library"));
const OF_THE_LIBRARY = new Set(["markdown", "data_visualization", "plan", "task_card"]);
const ALERTS: Record<string, { icon: string; word?: Key }> = {
  default: { icon: "💬" },
  info: { icon: "ℹ️", word: "alertInfo" },
  warning: { icon: "⚠️", word: "alertWarning" },
  error: { icon: "⛔", word: "alertError" },
  success: { icon: "✅", word: "alertSuccess" },
};

export interface BlocksProps {
  blocks: Block[];
  where: Where;
  /** What the elements hold, in the shape of Slack's state.values. */
  values: Values;
  onChange(blockId: string, actionId: string, held: Held): void;
  /** block_id → what is wrong with the field. */
  errors?: Record<string, string>;
}

export function Blocks({ blocks, where, values, onChange, errors = {} }: BlocksProps) {
  const at = "view" in where ? where.view : `${where.channel} ${where.ts}`;
  return (
    <div className="b-blocks">
      {blocks.map((block, index) => (
        <Boundary key={`${at} ${block?.block_id ?? index} ${block?.type}`} block={block}>
          <OneBlock block={block} surface={{ where, values, onChange }} errors={errors} />
        </Boundary>
      ))}
    </div>
  );
}

interface OneProps {
  block: Block;
  surface: Surface;
  errors: Record<string, string>;
}

function OneBlock({ block, surface, errors }: OneProps) {
  switch (block?.type) {
    case "section":
      return <Section block={block as SectionBlock} surface={surface} />;
    case "context":
      return <Context block={block as ContextBlock} />;
    case "actions":
    case "context_actions":
      return <Actions block={block as WithElements} surface={surface} />;
    case "header":
      return <Header block={block as WithText} />;
    case "divider":
      return <hr className="b-divider" />;
    case "input":
      return <Input block={block as InputBlock} surface={surface} error={errors[blockId(block)]} />;
    case "rich_text":
      return <RichText elements={(block as RichTextBlock).elements} />;
    case "table":
    case "data_table":
      return <Table block={block as TableBlock} />;
    case "image":
      return <ImageFigure block={block as ImageBlock} />;
    case "video":
      return <VideoFigure block={block as VideoBlock} />;
    case "file":
      return <FileNote block={block as FileBlock} />;
    case "alert":
      return <Alert block={block as AlertBlock} />;
    case "card":
      return <Card block={block as CardBlock} surface={surface} />;
    case "carousel":
      return <Carousel block={block as CarouselBlock} surface={surface} />;
    case "container":
      return (
        <Container block={block as ContainerBlock}>
          <Blocks blocks={(block as ContainerBlock).child_blocks} {...surface} errors={errors} />
        </Container>
      );
    default:
      return OF_THE_LIBRARY.has(block?.type) ? <FromLibrary block={block} /> : <CannotShow block={block} />;
  }
}

function FromLibrary({ block }: { block: Block }) {
  const say = useSay();
  return (
    <Suspense fallback={<p className="b-note">{say("pleaseWait")}</p>}>
      <Library block={block} />
    </Suspense>
  );
}

function Section({ block, surface }: { block: SectionBlock; surface: Surface }) {
  const textId = useId();
  const { text, fields, accessory } = block;
  if (!text && !fields) {
    throw new Error("section without text");
  }
  const controlled = { ...surface, blockId: blockId(block), sends: true, describedBy: textId };
  return (
    <div className="b-section">
      <div className="b-section-text" id={textId}>
        {text && <TextOf text={text} />}
        {fields && (
          <div className="b-fields">
            {fields.map((field, index) => (
              <div key={index}>
                <TextOf text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory && (
        <div className="b-accessory">
          <Control {...controlled} key={keyOf(accessory)} element={accessory} />
        </div>
      )}
    </div>
  );
}

function Context({ block }: { block: ContextBlock }) {
  return (
    <div className="b-context">
      {block.elements.map((element, index) => (
        <Fragment key={index}>{contextPart(element)}</Fragment>
      ))}
    </div>
  );
}

function contextPart(element: TextObject | ImageElement): ReactNode {
  if (element.type === "image") {
    return <ImagePlaceholder alt={(element as ImageElement).alt_text} isSmall />;
  }
  return <TextOf text={element as TextObject} />;
}

function Actions({ block, surface }: { block: WithElements; surface: Surface }) {
  return (
    <div className="b-actions">
      {block.elements.map((element, index) => (
        <Control {...surface} key={`${index} ${keyOf(element)}`} element={element} blockId={blockId(block)} sends />
      ))}
    </div>
  );
}

function Header({ block }: { block: WithText }) {
  return (
    <h3 className="b-header">
      <PlainText text={block.text.text} emoji={block.text.emoji} />
    </h3>
  );
}

function Input({ block, surface, error }: { block: InputBlock; surface: Surface; error?: string }) {
  const say = useSay();
  const id = useId();
  const { label, hint, element, optional } = block;
  const [labelId, hintId, errorId] = [`${id}-label`, `${id}-hint`, `${id}-error`];
  const described = [error && errorId, hint && hintId].filter(Boolean).join(" ");
  const words = (
    <>
      <PlainText text={label.text} emoji={label.emoji} />
      {optional && <span className="b-optional"> {say("optionalMark")}</span>}
    </>
  );
  return (
    <div className={error ? "b-input b-wrong" : "b-input"}>
      {isGroup(element.type) ? (
        <span className="b-label" id={labelId}>
          {words}
        </span>
      ) : (
        <label className="b-label" id={labelId} htmlFor={id}>
          {words}
        </label>
      )}
      <Control
        {...surface}
        key={keyOf(element)}
        element={element}
        blockId={blockId(block)}
        sends={block.dispatch_action ?? false}
        optional={optional}
        id={id}
        labelledBy={labelId}
        describedBy={described || undefined}
        isInvalid={Boolean(error)}
      />
      {error && (
        <p className="b-error" id={errorId}>
          ⚠ {error}
        </p>
      )}
      {hint && (
        <p className="b-hint" id={hintId}>
          <PlainText text={hint.text} emoji={hint.emoji} />
        </p>
      )}
    </div>
  );
}

function FileNote({ block }: { block: FileBlock }) {
  const say = useSay();
  return <p className="b-picture">📎 {say("fileFrom", { id: block.external_id ?? "" })}</p>;
}

function Alert({ block }: { block: AlertBlock }) {
  const say = useSay();
  const level = block.level ?? "default";
  const { icon, word } = ALERTS[level] ?? { icon: "💬" };
  return (
    <div className={`b-alert b-alert-${level}`} role="note">
      {word ? (
        <span role="img" aria-label={say(word)}>
          {icon}
        </span>
      ) : (
        <span aria-hidden="true">{icon}</span>
      )}
      <TextOf text={block.text} />
    </div>
  );
}

// An element of another type in the same place is another control, with nothing of the old one's.
function keyOf(element: Element): string {
  return `${element.action_id ?? ""} ${element.type}`;
}
