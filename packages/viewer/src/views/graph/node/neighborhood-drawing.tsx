import { escapeUnsafe } from "@tfsaver/checkpoint-tools/printing";
import { useRef, useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import type { GraphIndex } from "../../../model/graph/graph-index.js";
import { BOX, type Drawing, isDirection, nodeInDirection, type Point, pathOf } from "../../../model/graph/layout.js";
import type { Neighbor, Neighborhood } from "../../../model/graph/neighborhood.js";
import { usePanZoom } from "./use-pan-zoom.js";

/** Characters of a label that fit into a box. */
const LABEL = 25;
/** Characters of a name that are read out. */
const SPOKEN = 200;

interface NeighborhoodDrawingProps {
  readonly graph: GraphIndex;
  readonly near: Neighborhood;
  readonly drawing: Drawing;
}

/** Draws nodes and edges. A click on a node leads to it; arrow keys move between nodes, + and − zoom, 0 shows all. */
export function NeighborhoodDrawing({ graph, near, drawing }: NeighborhoodDrawingProps) {
  const app = useApp();
  const svg = useRef<SVGSVGElement>(null);
  const [active, setActive] = useState(0);
  const at = Math.min(active, near.nodes.length - 1);
  const { viewBox, zoom, fit, show, handlers } = usePanZoom(drawing, svg);
  const walk = (index: number) => {
    const node = near.nodes[index];
    if (node !== undefined) app.setParams({ node: graph.name(node.place) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (isDirection(key)) {
      const next = nodeInDirection(drawing.nodes, at, key);
      if (next !== undefined) {
        setActive(next);
        show(next);
        svg.current?.querySelector<SVGElement>(`[data-node="${next}"]`)?.focus({ preventScroll: true });
      }
    } else if (key === "Enter" || key === " ") walk(at);
    else if (key === "+" || key === "=") zoom(1.25);
    else if (key === "-") zoom(0.8);
    else if (key === "0") fit();
    else return;
    event.preventDefault();
  };
  return (
    <div class="drawing">
      <svg
        ref={svg}
        viewBox={viewBox}
        role="group"
        aria-label="Drawing of the surroundings: arrow keys move between operations"
        onKeyDown={onKeyDown}
        {...handlers}
      >
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0.5 L8 4 L0 7.5 Z" class="edge-head" />
          </marker>
        </defs>
        {near.edges.map(({ from, to, isControl }, i) => (
          <path
            key={`${from} ${to}`}
            class={isControl ? "edge control" : "edge"}
            d={pathOf(drawing.edges[i] ?? [])}
            marker-end="url(#arrow)"
          />
        ))}
        {near.nodes.map((node, i) => (
          <NodeBox
            key={node.place}
            graph={graph}
            node={node}
            index={i}
            center={drawing.nodes[i] as Point}
            isActive={i === at}
            onPress={() => walk(i)}
          />
        ))}
      </svg>
      <div class="drawing-buttons">
        <button type="button" aria-label="Zoom in" onClick={() => zoom(1.25)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => zoom(0.8)}>
          −
        </button>
        <button type="button" onClick={fit}>
          Fit
        </button>
      </div>
    </div>
  );
}

interface NodeBoxProps {
  readonly graph: GraphIndex;
  readonly node: Neighbor;
  readonly index: number;
  readonly center: Point;
  readonly isActive: boolean;
  readonly onPress: () => void;
}

function NodeBox({ graph, node, index, center, isActive, onPress }: NodeBoxProps) {
  const name = graph.name(node.place);
  const type = graph.type(node.place);
  const more = node.hidden > 0 ? ` · +${node.hidden.toLocaleString("en")}` : "";
  const spoken = escapeUnsafe(`${name.slice(-SPOKEN)}, ${type.slice(0, SPOKEN)}${more}`);
  return (
    <g
      class={node.hops === 0 ? "box center" : "box"}
      role="button"
      aria-label={node.hops === 0 ? `${spoken}, shown here` : spoken}
      tabindex={isActive ? 0 : -1}
      data-node={index}
      transform={`translate(${center.x - BOX.width / 2} ${center.y - BOX.height / 2})`}
      onClick={onPress}
    >
      <rect width={BOX.width} height={BOX.height} rx="5" />
      <text x="9" y="17" class="box-name">
        {labelOf(name)}
      </text>{" "}
      <text x="9" y="33" class="box-type">
        {cut(type)}
        {more}
      </text>
    </g>
  );
}

/** Keeps the end of a name, which tells nodes of a scope apart. */
function labelOf(name: string): string {
  const text = escapeUnsafe(name.slice(-4 * LABEL)).replaceAll("\n", "\\n");
  return text.length > LABEL || name.length > 4 * LABEL ? `…${text.slice(1 - LABEL)}` : text;
}

function cut(text: string): string {
  const shown = escapeUnsafe(text.slice(0, 4 * LABEL)).replaceAll("\n", "\\n");
  return shown.length > LABEL ? `${shown.slice(0, LABEL - 1)}…` : shown;
}
