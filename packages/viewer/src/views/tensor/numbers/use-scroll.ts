import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ScaledScroll } from "../../../model/tensor/scaled-scroll.js";

/** Sizes in pixels of what is scrolled, and of the headers that stay. */
interface ScrolledContent {
  readonly width: number;
  readonly height: number;
  readonly headerWidth: number;
  readonly headerHeight: number;
}

/** The place in a content of any size that is seen. */
export interface Scroll {
  readonly x: number;
  readonly y: number;
  /** Size in pixels of what is seen of the content. */
  readonly viewWidth: number;
  readonly viewHeight: number;
  /** Size in pixels of the element that fills the scroller. */
  readonly scrolledWidth: number;
  readonly scrolledHeight: number;
  /** True once somebody has scrolled. */
  readonly hasMoved: boolean;
  /** Handles the scroll event of the scroller. */
  readonly onScroll: () => void;
  /** Scrolls to a place. */
  readonly scrollTo: (x: number, y: number) => void;
}

/**
 * Scrolls a content of any size in an element. Where it is larger than a browser can scroll, the scroll bars stand for the share
 * of the way, and wheel and fingers move by pixels.
 */
export function useScroll(scroller: RefObject<HTMLElement | null>, content: ScrolledContent): Scroll {
  const [view, setView] = useState({ width: 0, height: 0 });
  const [place, setPlace] = useState({ x: 0, y: 0, hasMoved: false });
  const { width, height, headerWidth, headerHeight } = content;
  const viewWidth = Math.max(view.width - headerWidth, 0);
  const viewHeight = Math.max(view.height - headerHeight, 0);
  const horizontal = useMemo(() => new ScaledScroll(width, viewWidth), [width, viewWidth]);
  const vertical = useMemo(() => new ScaledScroll(height, viewHeight), [height, viewHeight]);
  const latest = useRef({ horizontal, vertical, place, left: 0, top: 0 });
  Object.assign(latest.current, { horizontal, vertical });

  const scrollTo = useCallback((wantedX: number, wantedY: number) => {
    const { current } = scroller;
    const now = latest.current;
    if (current === null) return;
    const next = { x: now.horizontal.clamp(wantedX), y: now.vertical.clamp(wantedY), hasMoved: true };
    now.place = next;
    current.scrollLeft = now.horizontal.topOf(next.x);
    current.scrollTop = now.vertical.topOf(next.y);
    // The scroll event that follows must not round the place to a pixel of the scroll bar.
    now.left = current.scrollLeft;
    now.top = current.scrollTop;
    setPlace(next);
  }, []);

  const onScroll = useCallback(() => {
    const { current } = scroller;
    const now = latest.current;
    if (current === null || (current.scrollLeft === now.left && current.scrollTop === now.top)) return;
    const x = current.scrollLeft === now.left ? now.place.x : now.horizontal.offsetOf(current.scrollLeft);
    const y = current.scrollTop === now.top ? now.place.y : now.vertical.offsetOf(current.scrollTop);
    now.left = current.scrollLeft;
    now.top = current.scrollTop;
    now.place = { x, y, hasMoved: true };
    setPlace(now.place);
  }, []);

  useLayoutEffect(() => {
    const { current } = scroller;
    if (current === null) return;
    const measure = () => setView({ width: current.clientWidth, height: current.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    const moveBy = (event: Event, x: number, y: number) => {
      const now = latest.current;
      if (!now.horizontal.isScaled && !now.vertical.isScaled) return;
      const next = { x: now.horizontal.clamp(now.place.x + x), y: now.vertical.clamp(now.place.y + y) };
      if (next.x === now.place.x && next.y === now.place.y) return;
      event.preventDefault();
      scrollTo(next.x, next.y);
    };
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey) return;
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 24;
      const [x, y] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
      moveBy(event, x * unit, y * unit);
    };
    let finger: Touch | undefined;
    const onTouch = (event: TouchEvent) => {
      const [touch] = event.touches;
      if (event.type === "touchmove" && touch !== undefined && finger !== undefined && event.touches.length === 1) {
        moveBy(event, finger.clientX - touch.clientX, finger.clientY - touch.clientY);
      }
      finger = touch;
    };
    current.addEventListener("wheel", onWheel, { passive: false });
    current.addEventListener("touchstart", onTouch, { passive: true });
    current.addEventListener("touchmove", onTouch, { passive: false });
    return () => {
      observer.disconnect();
      current.removeEventListener("wheel", onWheel);
      current.removeEventListener("touchstart", onTouch);
      current.removeEventListener("touchmove", onTouch);
    };
  }, []);

  return {
    x: horizontal.clamp(place.x),
    y: vertical.clamp(place.y),
    hasMoved: place.hasMoved,
    viewWidth,
    viewHeight,
    scrolledWidth: horizontal.scrolled + headerWidth,
    scrolledHeight: vertical.scrolled + headerHeight,
    onScroll,
    scrollTo,
  };
}
