import type { AriaRole, ComponentChildren, CSSProperties } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Largest height in pixels of an element that all browsers can scroll. */
const MAX_HEIGHT = 8_000_000;
/** Rows that are drawn beyond what is seen, on both sides. */
const MARGIN = 8;

interface VirtualRowsProps {
  readonly count: number;
  /** Height of every row in pixels. */
  readonly rowHeight: number;
  /** Draws a row. Spread the style over its element. */
  readonly row: (index: number, style: CSSProperties) => ComponentChildren;
  /** Row that must be seen: the focused one. */
  readonly reveal?: number | undefined;
  readonly class?: string;
  readonly role?: AriaRole;
  readonly label: string;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

/**
 * Shows any number of rows, of which only those that are seen are in the page. Where all rows together are higher than a browser
 * can scroll, the scroll bar stands for their place.
 */
export function VirtualRows({ count, rowHeight, row, reveal, label, role, onKeyDown, ...rest }: VirtualRowsProps) {
  const element = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const full = count * rowHeight;
  const scrolled = Math.min(full, MAX_HEIGHT);
  const scale = full > scrolled ? (full - height) / Math.max(scrolled - height, 1) : 1;
  // The place in the full height that is at the upper edge.
  const start = top * scale;

  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => setHeight(current.clientHeight));
    observer.observe(current);
    setHeight(current.clientHeight);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const { current } = element;
    if (current === null || reveal === undefined || reveal < 0) return;
    const from = reveal * rowHeight;
    const now = current.scrollTop * scale;
    if (from < now) current.scrollTop = from / scale;
    else if (from + rowHeight > now + current.clientHeight) {
      current.scrollTop = (from + rowHeight - current.clientHeight) / scale;
    }
  }, [reveal, rowHeight, scale]);

  const first = Math.max(0, Math.floor(start / rowHeight) - MARGIN);
  const last = Math.min(count, Math.ceil((start + height) / rowHeight) + MARGIN);
  const rows: ComponentChildren[] = [];
  for (let index = first; index < last; index++) {
    const y = top + index * rowHeight - start;
    rows.push(row(index, { position: "absolute", height: rowHeight, transform: `translateY(${y}px)` }));
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is a property
    <div
      {...rest}
      class={`rows ${rest.class ?? ""}`}
      ref={element}
      role={role}
      aria-label={label}
      onKeyDown={onKeyDown}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div class="rows-space" role="presentation" style={{ height: scrolled }}>
        {rows}
      </div>
    </div>
  );
}
