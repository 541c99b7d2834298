/** Elements that send an action and remember nothing: buttons and the overflow menu. */

import { useEffect, useId, useRef, useState, type FocusEvent, type KeyboardEvent, type MouseEvent } from "react";
import type { Option } from "../protocol";
import { useSay } from "../words";
import { type ControlProps, Outcome, useSending } from "./act";
import { useConfirm } from "./confirm";
import { useBlocks } from "./context";
import { safeHref } from "./links";
import { PlainText, TextOf } from "./richtext";
import type { ButtonElement, ChoiceElement, FeedbackElement } from "./shapes";

export function Button(props: ControlProps) {
  const button = props.element as ButtonElement;
  const { openLink } = useBlocks();
  const sending = useSending(props);
  const [dialog, ask] = useConfirm();
  const href = safeHref(button.url);
  const press = async (event: MouseEvent) => {
    if (sending.isBusy || button.confirm || (href && openLink?.(href))) {
      event.preventDefault();
    }
    if (sending.isBusy || !(await ask(button.confirm))) {
      return;
    }
    if (href && button.confirm && !openLink?.(href)) {
      window.open(href, "_blank", "noopener,noreferrer");
    }
    await sending.send(button.value ?? null);
  };
  const shared = {
    className: `b-button${button.style ? ` b-${button.style}` : ""}`,
    "aria-label": button.accessibility_label || undefined,
    "aria-describedby": props.describedBy,
    "aria-busy": sending.isBusy,
    onClick: (event: MouseEvent) => void press(event),
  };
  const text = <PlainText text={button.text.text} emoji={button.text.emoji} />;
  return (
    <span className="b-control">
      {href ? (
        <a {...shared} href={href} target="_blank" rel="noopener noreferrer">
          {text}
        </a>
      ) : (
        <button {...shared} type="button">
          {text}
        </button>
      )}
      <Outcome {...sending} />
      {dialog}
    </span>
  );
}

/** Two buttons, for what was good and what was not. */
export function FeedbackButtons(props: ControlProps) {
  const { positive_button, negative_button, action_id } = props.element as FeedbackElement;
  return [positive_button, negative_button].map((button, index) => (
    <Button key={index} {...props} element={{ ...button, type: "button", action_id }} />
  ));
}

export function Overflow(props: ControlProps) {
  const { options = [], confirm } = props.element as ChoiceElement;
  const say = useSay();
  const sending = useSending(props);
  const [dialog, ask] = useConfirm();
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const choose = async (option: Option) => {
    close();
    if (await ask(confirm)) {
      openInTab(option.url);
      await sending.send(option.value ?? option.text.text);
    }
  };
  return (
    <span className="b-control b-menu-anchor" onBlur={(event) => leaves(event) && setOpen(false)}>
      <button
        ref={opener}
        type="button"
        className="b-button b-dots"
        aria-label={(props.element.accessibility_label as string | undefined) || say("moreActions")}
        aria-describedby={props.describedBy}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        <span aria-hidden="true">⋮</span>
      </button>
      {isOpen && <Menu id={id} options={options} choose={(option) => void choose(option)} close={close} />}
      <Outcome {...sending} />
      {dialog}
    </span>
  );
}

interface MenuProps {
  id: string;
  options: Option[];
  choose(option: Option): void;
  close(): void;
}

function Menu({ id, options, choose, close }: MenuProps) {
  const say = useSay();
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    itemsOf(menu.current)[0]?.focus();
    menu.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div ref={menu} id={id} role="menu" aria-label={say("moreActions")} className="b-popup b-menu"
      onMouseDown={(event) => event.preventDefault()} onKeyDown={(event) => moveInMenu(event, close)}>
      {options.map((option, index) => (
        <button key={index} type="button" role="menuitem" tabIndex={-1} onClick={() => choose(option)}>
          <TextOf text={option.text} />
          {option.description && (
            <small>
              <TextOf text={option.description} />
            </small>
          )}
        </button>
      ))}
    </div>
  );
}

function moveInMenu(event: KeyboardEvent<HTMLElement>, close: () => void): void {
  const items = itemsOf(event.currentTarget);
  const at = items.findIndex((item) => item === document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    items[next % items.length]?.focus();
  }
  if (event.key === "Escape" || event.key === "Tab") {
    // Escape closes the menu alone, not the dialog around it.
    event.stopPropagation();
    event.preventDefault();
    close();
  }
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return Array.from(menu?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? []);
}

function openInTab(url: string | undefined): void {
  const href = safeHref(url);
  if (href) {
    window.open(href, "_blank", "noopener,noreferrer");
  }
}

export function leaves(event: FocusEvent<HTMLElement>): boolean {
  return !event.currentTarget.contains(event.relatedTarget);
}
