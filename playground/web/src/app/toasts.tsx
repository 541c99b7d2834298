import { useCallback, useState } from "react";
import { useSay } from "../words";

export interface Toast {
  number: number;
  text: string;
}

const SHOWN_MS = 10_000;
let last = 0;

export function useToasts(): [Toast[], (text: string) => void, (number: number) => void] {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const dismiss = useCallback((number: number) => setToasts((all) => all.filter((one) => one.number !== number)), []);
  const toast = useCallback(
    (text: string) => {
      last += 1;
      const number = last;
      setToasts((all) => [...all, { number, text }]);
      setTimeout(() => dismiss(number), SHOWN_MS);
    },
    [dismiss],
  );
  return [toasts, toast, dismiss];
}

export function Toasts({ toasts, dismiss }: { toasts: Toast[]; dismiss: (number: number) => void }) {
  const say = useSay();
  return (
    <div className="toasts" role="alert">
      {toasts.map(({ number, text }) => (
        <p key={number} className="toast">
          {text}
          <button type="button" className="plain" aria-label={say("dismiss")} onClick={() => dismiss(number)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
