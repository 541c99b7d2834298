/** The one socket to the playground's server: it opens by itself, and again when it is lost. */

import { useCallback, useEffect, useReducer, useRef } from "react";
import type { Act, FromServer, Result } from "../protocol";
import { NOTHING, reduce, type State } from "./store";

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5000;

export type Send = (act: Act) => Promise<Result>;

const LOST: Result = { ok: false, error: "connection_lost" };

class Line {
  private socket: WebSocket | null = null;
  private waiting = new Map<number, (result: Result) => void>();
  private number = 0;
  private pause = FIRST_PAUSE;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  constructor(
    private readonly url: string,
    private readonly hear: (frame: FromServer) => void,
    private readonly tell: (status: "open" | "lost") => void,
  ) {
    this.open();
  }

  send(act: Act): Promise<Result> {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(LOST);
    return new Promise((resolve) => {
      this.number += 1;
      this.waiting.set(this.number, resolve);
      socket.send(JSON.stringify({ id: this.number, ...act }));
    });
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket?.close();
    this.giveUp();
  }

  private open(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onmessage = (event) => this.receive(JSON.parse(String(event.data)) as FromServer);
    socket.onclose = () => {
      if (this.isClosed) return;
      this.giveUp();
      this.tell("lost");
      this.timer = setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    };
  }

  private receive(frame: FromServer): void {
    if (frame.kind === "hello") {
      this.pause = FIRST_PAUSE;
      this.tell("open");
    }
    if (frame.kind === "answer") {
      this.waiting.get(frame.id)?.(frame.result);
      this.waiting.delete(frame.id);
    } else {
      this.hear(frame);
    }
  }

  private giveUp(): void {
    for (const resolve of this.waiting.values()) resolve(LOST);
    this.waiting.clear();
  }
}

function socketUrl(as: string): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/page/socket?as=${encodeURIComponent(as)}`;
}

/** Stay connected as one person; another person is another line. */
export function useConnection(as: string): [State, Send] {
  const [state, dispatch] = useReducer(reduce, NOTHING);
  const line = useRef<Line | null>(null);
  useEffect(() => {
    dispatch({ kind: "forget" });
    const opened = new Line(socketUrl(as), dispatch, (status) => dispatch({ kind: "status", status }));
    line.current = opened;
    return () => opened.close();
  }, [as]);
  const send = useCallback<Send>((act) => line.current?.send(act) ?? Promise.resolve(LOST), []);
  return [state, send];
}
