/** Blocks that are only read, and seldom seen: shown by slack-blocks-to-jsx, in a chunk of its own. */

import type { MouseEvent } from "react";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";
import type { Block } from "../protocol";
import { type BlocksSurroundings, useBlocks } from "./context";
import { safeHref } from "./links";
import { Link } from "./richtext";
import { withSafeLinks } from "./safe_json";

type LibraryBlock = Parameters<typeof Message>[0]["blocks"][number];

export default function Library({ block }: { block: Block }) {
  const { people, channels, theme, openLink } = useBlocks();
  const users = Array.from(people.values()).map(({ id, display_name, name }) => ({ id, name: display_name || name }));
  const named = Array.from(channels.values()).map(({ id, name }) => ({ id, name }));
  return (
    <div className="b-library" onClickCapture={(event) => follow(event, openLink)}>
      <Message
        blocks={[withSafeLinks(block) as unknown as LibraryBlock]}
        data={{ users, channels: named }}
        hooks={{ link: ({ href, children }) => <Link url={href}>{children}</Link> }}
        logo=""
        name=""
        theme={theme}
        withoutWrapper
      />
    </div>
  );
}

// Links inside of markdown pass no hook of the library's, and an emptied one would load the page anew.
function follow(event: MouseEvent, openLink: BlocksSurroundings["openLink"]): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link) {
    return;
  }
  const href = safeHref(link.getAttribute("href"));
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  if (!href || openLink?.(href)) {
    event.preventDefault();
  }
}
