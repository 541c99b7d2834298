import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { Blocks } from "../blocks/blocks";
import { problems } from "../blocks/state";
import type { View } from "../protocol";
import { useSay } from "../words";
import { failure, useOffice } from "./office";
import { useValues } from "./values";

/** The form on top, if one is open. */
export function Modal() {
  const { slices } = useOffice();
  const dialog = useRef<HTMLDialogElement>(null);
  const view = slices.views.at(-1);
  const isOpen = view !== undefined;
  useEffect(() => {
    const shown = dialog.current;
    if (isOpen && !shown?.open) shown?.showModal();
    // Closed before it is emptied, else the browser does not know where the focus was.
    if (!isOpen && shown?.open) shown.close();
  }, [isOpen]);
  const close = useClosing(view);
  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-labelledby="modal-title"
      onCancel={(event: SyntheticEvent) => {
        // A list that closes with Esc is no dialog that does.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        close(false);
      }}
    >
      {view && <Form key={view.id} view={view} close={close} />}
    </dialog>
  );
}

function useClosing(view: View | undefined): (everything: boolean) => void {
  const { act } = useOffice();
  return (everything) => {
    if (view) void act({ act: "close", view: view.id, everything });
  };
}

function Form({ view, close }: { view: View; close: (everything: boolean) => void }) {
  const { send } = useOffice();
  const say = useSay();
  const [values, change] = useValues(view.id, view.blocks, view.state.values);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [trouble, setTrouble] = useState("");
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    form.current?.querySelector<HTMLElement>(".fields :is(input, select, textarea)")?.focus();
  }, []);
  const refuse = (found: Record<string, string>) => {
    setErrors(found);
    setTrouble(say("formProblems"));
  };
  // Once the marks are there: an animation frame can come before them.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  const submit = async () => {
    if (isSending) return;
    const found = Object.entries(problems(view.blocks, values)).map(([block, key]) => [block, say(key)]);
    if (found.length) return refuse(Object.fromEntries(found) as Record<string, string>);
    setErrors({});
    setTrouble("");
    setSending(true);
    const result = await send({ act: "submit", view: view.id, values });
    setSending(false);
    if (result.errors && Object.keys(result.errors).length) refuse(result.errors);
    else if (!result.ok) setTrouble(say("formFailed", { reason: failure(result, say) }));
  };
  return (
    <form
      ref={form}
      noValidate
      aria-busy={isSending}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="form-head">
        <h1 id="modal-title">{view.title.text}</h1>
        <button type="button" className="plain" aria-label={say("close")} onClick={() => close(true)}>
          ×
        </button>
      </div>
      <div className="fields" tabIndex={-1}>
        <Blocks blocks={view.blocks} where={{ view: view.id }} values={values} onChange={change} errors={errors} />
      </div>
      <div className="form-foot">
        <p className="trouble" role="alert">
          {trouble}
        </p>
        <button type="button" onClick={() => close(false)}>
          {view.close?.text || say(view.previous_view_id ? "back" : view.submit ? "cancel" : "close")}
        </button>
        {view.submit && (
          <button type="submit" className="primary" disabled={isSending}>
            {isSending ? say("sending") : view.submit.text}
          </button>
        )}
      </div>
    </form>
  );
}
