import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Drawing } from "../../../model/graph/layout.js";

/** Pixels that a pointer may move while it clicks. */
const CLICK_SLOP = 4;
/** Largest size of a drawing, compared with the page's text. */
const MAX_SCALE = 3;

interface View {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Lets a pointer move a drawing, and a wheel with Ctrl, or buttons, zoom it. */
export function usePanZoom({ width, height }: Drawing, svg: RefObject<SVGSVGElement | null>) {
  const all: View = { x: 0, y: 0, width: Math.max(width, 420), height: Math.max(height, 120) };
  const [view, setView] = useState(all);
  const zoom = (factor: number, middle = { x: view.x + view.width / 2, y: view.y + view.height / 2 }) =>
    setView((before) => {
      const least = (svg.current?.clientWidth ?? 400) / MAX_SCALE;
      const next = Math.min(Math.max(before.width / factor, Math.min(least, all.width)), 2 * all.width);
      const share = next / before.width;
      return {
        x: middle.x - (middle.x - before.x) * share,
        y: middle.y - (middle.y - before.y) * share,
        width: next,
        height: before.height * share,
      };
    });

  useEffect(() => {
    const { current } = svg;
    if (current === null) return;
    // A listener that may prevent the page's own zoom can't be passive.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, pointOf(event, current));
    };
    current.addEventListener("wheel", onWheel, { passive: false });
    return () => current.removeEventListener("wheel", onWheel);
  });

  const onPointerDown = (event: PointerEvent) => {
    const { current } = svg;
    if (current === null || event.button !== 0) return;
    const start = { x: event.clientX, y: event.clientY };
    const scale = scaleOf(current);
    let isMoved = false;
    const move = ({ clientX, clientY }: PointerEvent) => {
      const [dx, dy] = [clientX - start.x, clientY - start.y];
      isMoved ||= Math.hypot(dx, dy) > CLICK_SLOP;
      if (isMoved) setView({ ...view, x: view.x - dx / scale, y: view.y - dy / scale });
    };
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (!isMoved) return;
      // The end of a move is no click on a node.
      const swallow = (click: MouseEvent) => click.stopPropagation();
      current.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => current.removeEventListener("click", swallow, { capture: true }));
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  };

  return {
    viewBox: `${view.x} ${view.y} ${view.width} ${view.height}`,
    zoom: (factor: number) => zoom(factor),
    fit: () => setView(all),
    handlers: { onPointerDown },
  };
}

/** Returns the pixels of one unit of a drawing. */
function scaleOf(svg: SVGSVGElement): number {
  return svg.getScreenCTM()?.a || 1;
}

function pointOf({ clientX, clientY }: MouseEvent, svg: SVGSVGElement): { readonly x: number; readonly y: number } {
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM()?.inverse());
  return { x, y };
}
