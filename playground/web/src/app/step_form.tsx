import { useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { Result, Step, StepInput } from "../protocol";
import { useSay } from "../words";
import { failure, nameOf, useOffice } from "./office";

/** One step of a workflow, filled in by hand: what goes in, and what came out. */
export function StepForm({ step, close }: { step: Step; close: () => void }) {
  const { send } = useOffice();
  const say = useSay();
  const dialog = useRef<HTMLDialogElement>(null);
  const [result, setResult] = useState<Result>();
  const [isRunning, setRunning] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const run = async (form: HTMLFormElement) => {
    setRunning(true);
    const inputs = Object.fromEntries(step.inputs.map((input) => [input.name, typedInto(form, input)]));
    setResult(await send({ act: "run_step", callback_id: step.callback_id, inputs }));
    setRunning(false);
  };
  // Beside the composer, not in it: it is a form itself.
  return createPortal(
    <dialog ref={dialog} className="modal" aria-labelledby="step-title" onClose={close}>
      <form
        aria-busy={isRunning}
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void run(event.currentTarget);
        }}
      >
        <div className="form-head">
          <h1 id="step-title">{say("workflowStep", { title: step.title })}</h1>
        </div>
        <div className="fields">
          <p className="muted">{step.description}</p>
          {step.inputs.map((input) => (
            <Field key={input.name} input={input} />
          ))}
        </div>
        <div className="form-foot">
          <p className={result?.ok ? "outcome" : "trouble"} role="status">
            {result && (result.ok ? say("stepGave", { outputs: spelled(result.outputs) }) : failure(result, say))}
          </p>
          <button type="button" onClick={() => dialog.current?.close()}>
            {say("close")}
          </button>
          <button type="submit" className="primary" disabled={isRunning}>
            {say(isRunning ? "sending" : "runStep")}
          </button>
        </div>
      </form>
    </dialog>,
    document.body,
  );
}

function Field({ input }: { input: StepInput }) {
  const { slices } = useOffice();
  const { name, type, title, description, is_required } = input;
  const people = slices.people.filter((person) => !person.is_bot && !person.deleted);
  const id = useId();
  const held = { id, name, required: is_required, "aria-describedby": description ? `${id}-hint` : undefined };
  return (
    <div className="step-field">
      <label htmlFor={id}>
        {title} {is_required && <span aria-hidden="true">*</span>}
      </label>
      {type === "slack#/types/user_id" ? (
        <select {...held}>
          <option value="" />
          {people.map((person) => (
            <option key={person.id} value={person.id}>
              {nameOf(person, person.id)}
            </option>
          ))}
        </select>
      ) : (
        <input {...held} type={type === "slack#/types/timestamp" ? "datetime-local" : "text"} />
      )}
      {description && (
        <span className="muted" id={`${id}-hint`}>
          {description}
        </span>
      )}
    </div>
  );
}

/** What stands in a field; an instant as Slack writes it, in seconds. */
function typedInto(form: HTMLFormElement, { name, type }: StepInput): string {
  const typed = String(new FormData(form).get(name) ?? "").trim();
  return typed && type === "slack#/types/timestamp" ? String(Math.floor(new Date(typed).getTime() / 1000)) : typed;
}

function spelled(outputs: Record<string, unknown> | undefined): string {
  return Object.entries(outputs ?? {})
    .map(([name, value]) => `${name} = ${String(value)}`)
    .join(", ");
}
