import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useMemo } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useResource } from "../../../app/use-resource.js";
import type { GraphIndex } from "../../../model/graph/graph-index.js";
import { layOut } from "../../../model/graph/layout.js";
import { neighborhood } from "../../../model/graph/neighborhood.js";
import { NameText } from "../../../ui/name-text.js";
import { Problem } from "../../../ui/problem.js";
import { NodeButton } from "../node-button.js";
import { NeighborhoodDrawing } from "./neighborhood-drawing.js";

/** Nodes that are drawn at most. */
const MAX_NODES = 48;

interface NeighborhoodViewProps {
  readonly graph: GraphIndex;
  readonly center: number;
}

/** Draws the nodes near a node, and lists them for those who do not see the drawing. */
export function NeighborhoodView({ graph, center }: NeighborhoodViewProps) {
  const app = useApp();
  const hops = Math.min(Math.max(Number.parseInt(app.address.value.params.hops ?? "1", 10) || 1, 1), 3);
  const near = useMemo(() => neighborhood(graph, center, hops, MAX_NODES), [graph, center, hops]);
  const drawing = useResource(`${graph.about.id} ${center} ${hops}`, () => layOut(near));
  const hidden = near.nodes.filter((node) => node.hops < hops && node.hidden > 0);
  return (
    <>
      <div class="hops">
        <label>
          Steps from here{" "}
          <select value={hops} onChange={({ currentTarget }) => app.setParams({ hops: currentTarget.value })}>
            {[1, 2, 3].map((count) => (
              <option key={count}>{count}</option>
            ))}
          </select>
        </label>
        <span class="quiet number">
          {formatCount(near.nodes.length, "operation")}
          {hidden.length > 0 && "; others near here are left out"}
        </span>
      </div>
      {drawing.error && <Problem title="The surroundings can't be drawn" messages={[drawing.error.message]} />}
      {drawing.value ? (
        <NeighborhoodDrawing graph={graph} near={near} drawing={drawing.value} />
      ) : (
        <div class="drawing" />
      )}
      <details class="near-list">
        <summary>The same as a list</summary>
        <ul class="node-items">
          {near.nodes.slice(1).map(({ place, hops: distance, hidden: more }) => (
            <li key={place}>
              <NodeButton name={graph.name(place)} />{" "}
              <span class="quiet">
                <NameText text={graph.type(place)} inRow />, {formatCount(distance, "step")} away
                {more > 0 && `, ${formatCount(more, "neighbor")} not drawn`}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
