/** What keeps one broken block from taking the page with it. */

import { Component, type ReactNode } from "react";
import type { Block } from "../protocol";
import { useSay } from "../words";

interface Props {
  block: Block;
  children: ReactNode;
}

interface State {
  hasFailed: boolean;
  block: Block;
}

/** Shows its children until one of them throws, and again once the block is another one. */
export class Boundary extends Component<Props, State> {
  state: State = { hasFailed: false, block: this.props.block };

  static getDerivedStateFromError(): Partial<State> {
    return { hasFailed: true };
  }

  static getDerivedStateFromProps({ block }: Props, state: State): State | null {
    return block === state.block ? null : { hasFailed: false, block };
  }

  render(): ReactNode {
    return this.state.hasFailed ? <CannotShow block={this.props.block} /> : this.props.children;
  }
}

export function CannotShow({ block }: { block: Block }) {
  const say = useSay();
  return (
    <div className="b-broken">
      <p>⚠ {say("cannotShow", { type: String(block?.type ?? typeof block) })}</p>
      <details>
        <summary>{say("showJson")}</summary>
        <pre className="b-pre">{JSON.stringify(block, null, 2)}</pre>
      </details>
    </div>
  );
}
