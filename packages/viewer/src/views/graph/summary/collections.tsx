import type { CollectionSummary } from "@tfsaver/checkpoint-tools/meta-graph";
import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useResource } from "../../../app/use-resource.js";
import type { GraphIndex } from "../../../model/graph/graph-index.js";
import { NameText } from "../../../ui/name-text.js";
import { Problem } from "../../../ui/problem.js";
import { TensorButton } from "./tensor-button.js";

/** Shows the collections of a graph; each one's items when it is opened. */
export function Collections({ graph }: { readonly graph: GraphIndex }) {
  return (
    <>
      {graph.summary.collections.map(({ key, kind, items }) => (
        <Collection key={key} graph={graph} name={key} kind={kind} count={items} />
      ))}
    </>
  );
}

/** What the items of each kind of collection are called. */
const NOUNS: Readonly<Record<CollectionSummary["kind"], string>> = {
  nodes: "name",
  messages: "message",
  integers: "integer",
  floats: "number",
  any: "message",
  empty: "item",
};

interface CollectionProps {
  readonly graph: GraphIndex;
  readonly name: string;
  readonly kind: CollectionSummary["kind"];
  readonly count: number;
}

function Collection({ graph, name, kind, count }: CollectionProps) {
  const { engine } = useApp();
  const [isOpen, setOpen] = useState(false);
  const { value, error } = useResource(isOpen ? name : undefined, (options) =>
    engine.collection({ graph: graph.about.id, key: name }, options),
  );
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <NameText text={name} inRow /> <span class="quiet number">{formatCount(count, NOUNS[kind])}</span>
      </summary>
      {error && <Problem title="This collection can't be shown" messages={[error.message]} />}
      {value && (
        <ul class="node-items">
          {value.map((item, i) => (
            <li key={i}>
              <TensorButton graph={graph} tensor={item} />
            </li>
          ))}
        </ul>
      )}
      {value && value.length < count && <p class="quiet">{formatCount(count, "item")} in all.</p>}
    </details>
  );
}
