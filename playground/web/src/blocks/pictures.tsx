/** What stands for pictures and videos: their words. Fetching them would tell strangers who reads what. */

import type { ReactNode } from "react";
import { useSay } from "../words";
import { Link, TextOf } from "./richtext";
import type { ImageBlock, VideoBlock } from "./shapes";

export function ImagePlaceholder({ alt, isSmall = false }: { alt: string; isSmall?: boolean }) {
  const say = useSay();
  return (
    <span className={isSmall ? "b-picture b-picture-small" : "b-picture"} title={say("imageNotLoaded")}>
      <span aria-hidden="true">🖼</span> {alt}
    </span>
  );
}

export function ImageFigure({ block }: { block: ImageBlock }) {
  const title = block.title && <TextOf text={block.title} />;
  return <Figure title={title} body={<ImagePlaceholder alt={block.alt_text} />} />;
}

export function VideoFigure({ block }: { block: VideoBlock }) {
  const say = useSay();
  const title = <TextOf text={block.title} />;
  const made = [block.author_name, block.provider_name].filter(Boolean).join(" · ");
  const body = (
    <>
      {block.description && <TextOf text={block.description} />}
      {made && <small>{made}</small>}
      <span className="b-picture" title={say("videoNotLoaded")}>
        <span aria-hidden="true">🎞</span> {block.alt_text}
      </span>
    </>
  );
  return <Figure title={block.title_url ? <Link url={block.title_url}>{title}</Link> : title} body={body} />;
}

function Figure({ title, body }: { title: ReactNode; body: ReactNode }) {
  return (
    <figure className="b-figure">
      {title && <figcaption>{title}</figcaption>}
      {body}
    </figure>
  );
}
