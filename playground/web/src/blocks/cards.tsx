/** Blocks that hold others: cards, carousels and containers. */

import type { ReactNode } from "react";
import type { Surface } from "./act";
import { Control } from "./controls";
import { ImagePlaceholder } from "./pictures";
import { RichText, TextOf } from "./richtext";
import type { CardBlock, CarouselBlock, ContainerBlock } from "./shapes";
import { blockId } from "./state";

export function Card({ block, surface }: { block: CardBlock; surface: Surface }) {
  const { hero_image, icon, title, subtitle, body, actions } = block;
  return (
    <div className="b-card">
      {hero_image && <ImagePlaceholder alt={hero_image.alt_text} />}
      <div className="b-card-head">
        {icon && <ImagePlaceholder alt={icon.alt_text} isSmall />}
        {title && (
          <strong>
            <TextOf text={title} />
          </strong>
        )}
        {subtitle && (
          <small>
            <TextOf text={subtitle} />
          </small>
        )}
      </div>
      {body && <TextOf text={body} />}
      {actions && (
        <div className="b-actions">
          {actions.map((element, index) => (
            <Control {...surface} key={index} element={element} blockId={blockId(block)} sends />
          ))}
        </div>
      )}
    </div>
  );
}

export function Carousel({ block, surface }: { block: CarouselBlock; surface: Surface }) {
  return (
    <ul className="b-carousel">
      {block.elements.map((card, index) => (
        <li key={card.block_id ?? index}>
          <Card block={card} surface={surface} />
        </li>
      ))}
    </ul>
  );
}

export function Container({ block, children }: { block: ContainerBlock; children: ReactNode }) {
  const head = (
    <>
      {block.rich_text_title && <RichText elements={block.rich_text_title.elements} />}
      {block.title && (
        <strong>
          <TextOf text={block.title} />
        </strong>
      )}
      {block.subtitle && (
        <small>
          <TextOf text={block.subtitle} />
        </small>
      )}
    </>
  );
  if (block.is_collapsible) {
    return (
      <details className="b-container" open={!block.default_collapsed}>
        <summary>{head}</summary>
        {children}
      </details>
    );
  }
  return (
    <div className="b-container">
      <div className={block.has_header_divider ? "b-container-head b-divided" : "b-container-head"}>{head}</div>
      {children}
    </div>
  );
}
