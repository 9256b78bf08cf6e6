import { escapeUnsafe } from "@tfsaver/checkpoint-tools/printing";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { NameText } from "../name-text.js";

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Called when it is closed by Escape. */
  readonly onClose: () => void;
}

/** Shows a dialog over the page. The browser keeps the focus in it, and gives it back afterwards. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} aria-label={escapeUnsafe(title)} onCancel={onClose}>
      <h2>
        <NameText text={title} />
      </h2>
      {children}
    </dialog>
  );
}
