import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { BOX, type Drawing, type Point } from "../../../model/graph/layout.js";
import { firstView, fitAll, panBy, reveal, type View, viewBoxOf, zoomBy } from "../../../model/graph/pan-zoom.js";

/** Pixels that a pointer may move while it clicks. */
const CLICK_SLOP = 4;

/** Lets a pointer move a drawing, and a wheel with Ctrl, or buttons, zoom it. */
export function usePanZoom(drawing: Drawing, svg: RefObject<SVGSVGElement | null>) {
  const [window, setWindow] = useState({ width: 600, height: 340 });
  const center = drawing.nodes[0] as Point;
  // Undefined until something is moved: what is seen follows from the size of the window.
  const [moved, setMoved] = useState<View | undefined>(undefined);
  const view = moved ?? firstView(drawing, window, center);
  useEffect(() => setMoved(undefined), [drawing]);

  useLayoutEffect(() => {
    const { current } = svg;
    if (current === null) return;
    const measure = () => setWindow({ width: current.clientWidth || 600, height: current.clientHeight || 340 });
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, [svg]);

  useEffect(() => {
    const { current } = svg;
    if (current === null) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      setMoved(zoomBy(view, event.deltaY < 0 ? 1.15 : 1 / 1.15, pointOf(event, current)));
    };
    // A listener that prevents the page's own zoom can't be passive.
    current.addEventListener("wheel", onWheel, { passive: false });
    return () => current.removeEventListener("wheel", onWheel);
  });

  const onPointerDown = (event: PointerEvent) => {
    const { current } = svg;
    if (current === null || event.button !== 0) return;
    let isMoved = false;
    const move = ({ clientX, clientY }: PointerEvent) => {
      const [dx, dy] = [clientX - event.clientX, clientY - event.clientY];
      isMoved ||= Math.hypot(dx, dy) > CLICK_SLOP;
      if (isMoved) setMoved(panBy(view, dx, dy));
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
    viewBox: viewBoxOf(view, window),
    zoom: (factor: number) => setMoved(zoomBy(view, factor)),
    fit: () => setMoved(fitAll(drawing, window)),
    /** Moves a node into view. */
    show: (node: number) => setMoved(reveal(view, window, drawing.nodes[node] ?? center, BOX)),
    handlers: { onPointerDown },
  };
}

function pointOf({ clientX, clientY }: MouseEvent, svg: SVGSVGElement): Point {
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM()?.inverse());
  return { x, y };
}
