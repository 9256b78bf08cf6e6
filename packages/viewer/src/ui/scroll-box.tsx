import type { ComponentChildren } from "preact";

interface ScrollBoxProps {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Holds what may be larger than its place, and scrolls by keyboard too. */
export function ScrollBox({ label, children, ...rest }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <div class={`scroll-box ${rest.class ?? ""}`} tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}
