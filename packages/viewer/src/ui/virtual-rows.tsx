import type { ComponentChildren, CSSProperties, HTMLAttributes } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

/** Largest height in pixels of an element that all browsers can scroll. */
const MAX_HEIGHT = 8_000_000;
/** Rows that are drawn beyond what is seen, on both sides. */
const MARGIN = 10;

/** What a row must spread over its element. */
export interface RowAttributes {
  readonly style: CSSProperties;
  /** 0 for the row that gets the focus from the keyboard, -1 for all others. */
  readonly tabIndex: number;
  readonly "data-index": number;
}

interface VirtualRowsProps {
  readonly count: number;
  /** Height of every row in pixels. */
  readonly rowHeight: number;
  /** Draws a row. */
  readonly row: (index: number, attributes: RowAttributes) => ComponentChildren;
  /** The row that has the focus, or gets it from the keyboard. */
  readonly active: number;
  /** Called when the keyboard moves the focus. */
  readonly onActive: (index: number) => void;
  /** Handles other keys in a row. Returns false for keys that it does not know. */
  readonly onKey: (key: string, index: number) => boolean;
  /** Handles a click on an element in a row. */
  readonly onPress: (index: number, target: Element) => void;
  /** Role, label and class of the list. */
  readonly attributes: HTMLAttributes<HTMLDivElement>;
}

/**
 * Shows any number of rows, of which only those that are seen are in the page, and the active one. Where all rows together are
 * higher than a browser can scroll, the scroll bar stands for their place.
 *
 * Up, Down, Page Up, Page Down, Home and End move the focus.
 */
export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeight, row, active, onActive, onKey, onPress, attributes } = props;
  const element = useRef<HTMLDivElement>(null);
  const focusNext = useRef(false);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const full = count * rowHeight;
  const scrolled = Math.min(full, MAX_HEIGHT);
  const scale = full > scrolled ? (full - height) / Math.max(scrolled - height, 1) : 1;
  // The place in the full height that is at the upper edge.
  const start = Math.max(0, Math.min(top, scrolled - height)) * scale;

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
    if (current === null || active < 0) return;
    const from = active * rowHeight;
    const now = current.scrollTop * scale;
    if (from < now) current.scrollTop = from / scale;
    else if (from + rowHeight > now + current.clientHeight) {
      current.scrollTop = (from + rowHeight - current.clientHeight) / scale;
    }
    if (!focusNext.current) return;
    focusNext.current = false;
    const { activeElement } = current.getRootNode() as ShadowRoot | Document;
    // The focus may have moved on since the key.
    if (activeElement !== null && activeElement !== document.body && !current.contains(activeElement)) return;
    current.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  }, [active, rowHeight, scale]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const next = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      const index = Math.max(0, Math.min(next, count - 1));
      if (index === active) return;
      focusNext.current = true;
      onActive(index);
    } else if (onKey(event.key, active)) {
      event.preventDefault();
      // The row may have moved.
      focusNext.current = true;
    }
  };

  const onClick = (event: MouseEvent) => {
    const { target } = event;
    const index = target instanceof Element ? target.closest<HTMLElement>("[data-index]")?.dataset.index : undefined;
    if (index !== undefined) onPress(Number(index), target as Element);
  };

  // A row that was drawn is not compared again. Scrolling moves no row within its list, unless the scroll bar is scaled.
  const offset = scale === 1 ? 0 : start / scale - start;
  const known = useMemo(() => new Map<number, ComponentChildren>(), [row, rowHeight, active, offset]);
  const drawn = (index: number): ComponentChildren => {
    if (known.has(index)) return known.get(index);
    const made = row(index, {
      style: { height: `${rowHeight}px`, transform: `translateY(${index * rowHeight + offset}px)` },
      tabIndex: index === active ? 0 : -1,
      "data-index": index,
    });
    known.set(index, made);
    return made;
  };

  const first = Math.max(0, Math.floor(start / rowHeight) - MARGIN);
  const end = Math.min(count, Math.ceil((start + height) / rowHeight) + MARGIN);
  const shown = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  // The focus would be lost with its element.
  if (active >= 0 && active < first) shown.unshift(active);
  else if (active >= end && active < count) shown.push(active);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is among the attributes
    <div
      {...attributes}
      class={`rows ${attributes.class ?? ""}`}
      ref={element}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div class="rows-space" role="presentation" style={{ height: `${scrolled}px` }}>
        {shown.map(drawn)}
      </div>
    </div>
  );
}
