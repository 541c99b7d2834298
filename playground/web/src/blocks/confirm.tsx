/** The dialog that asks before an act. */

import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import type { Confirm } from "../protocol";
import { TextOf } from "./richtext";

interface Asked {
  confirm: Confirm;
  answer(isYes: boolean): void;
}

/** Give the dialog to render, if any, and a way to ask; where nothing is to be asked, the answer is yes. */
export function useConfirm(): [ReactNode, (confirm: Confirm | undefined) => Promise<boolean>] {
  const [asked, setAsked] = useState<Asked>();
  const ask = (confirm: Confirm | undefined) => {
    if (!confirm) {
      return Promise.resolve(true);
    }
    return new Promise<boolean>((resolve) => {
      const answer = (isYes: boolean) => {
        setAsked(undefined);
        resolve(isYes);
      };
      setAsked({ confirm, answer });
    });
  };
  return [asked && <ConfirmDialog {...asked} />, ask];
}

function ConfirmDialog({ confirm, answer }: Asked) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      // A dialog that is removed while open takes the focus with it.
      shown?.close();
      if (opener instanceof HTMLElement && opener.isConnected) {
        opener.focus();
      }
    };
  }, []);
  const style = confirm.style === "danger" ? "b-danger" : "b-primary";
  return (
    <dialog
      ref={dialog}
      className="b-confirm"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onKeyDown={keepEscape}
      onCancel={(event) => {
        event.preventDefault();
        event.stopPropagation();
        answer(false);
      }}
    >
      <h2 id={`${id}-title`}>
        <TextOf text={confirm.title} />
      </h2>
      <div id={`${id}-text`}>
        <TextOf text={confirm.text} />
      </div>
      <div className="b-confirm-answers">
        <button type="button" className="b-button" onClick={() => answer(false)}>
          <TextOf text={confirm.deny} />
        </button>
        <button type="button" className={`b-button ${style}`} onClick={() => answer(true)}>
          <TextOf text={confirm.confirm} />
        </button>
      </div>
    </dialog>
  );
}

// What stands around the dialog closes on Escape too, and must not hear of this one.
function keepEscape(event: KeyboardEvent): void {
  if (event.key === "Escape") {
    event.stopPropagation();
  }
}
