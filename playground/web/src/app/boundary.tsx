import { Component, type ReactNode } from "react";
import { languageOf, sayIn } from "../words";

/** The last resort: a fault of the page itself is told in words, with a way back. */
export class PageBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  render() {
    if (!this.state.error) return this.props.children;
    const say = sayIn(languageOf(navigator.language));
    return (
      <main className="broken" role="alert">
        <h1>{say("pageBroke")}</h1>
        <p>{String(this.state.error)}</p>
        <button type="button" onClick={() => location.reload()}>
          {say("reload")}
        </button>
      </main>
    );
  }
}
