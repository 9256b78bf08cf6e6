import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useResource } from "../../../app/use-resource.js";
import type { GraphIndex } from "../../../model/graph/graph-index.js";
import type { NodeDetails, NodeInput } from "../../../model/graph/graph-listing.js";
import { NameText } from "../../../ui/name-text.js";
import { Problem } from "../../../ui/problem.js";
import { Working } from "../../../ui/working.js";
import { FunctionButton } from "../function-button.js";
import { NodeButton } from "../node-button.js";
import { NeighborhoodView } from "./neighborhood-view.js";

/** Nodes of a list that are shown at first. */
const SHOWN = 20;

interface NodePanelProps {
  readonly graph: GraphIndex;
  readonly place: number;
}

/** Shows a node: its surroundings, inputs, outputs and attributes. */
export function NodePanel({ graph, place }: NodePanelProps) {
  const { engine } = useApp();
  const { id } = graph.about;
  const { value, error } = useResource(`${id} ${place}`, (options) => engine.node({ graph: id, place }, options));
  return (
    <section class="page" aria-label="Operation">
      <h2>
        <NameText text={graph.name(place)} />
      </h2>
      <p class="node-facts">
        <strong>
          <NameText text={graph.type(place)} />
        </strong>
        {value && value.device !== "" && (
          <span class="quiet">
            on <NameText text={value.device} />
          </span>
        )}
      </p>
      <NeighborhoodView graph={graph} center={place} />
      {error && <Problem title="This operation can't be shown" messages={[error.message]} />}
      {value === undefined && error === undefined && <Working what="Reading" />}
      {value && <Details graph={graph} place={place} details={value} />}
    </section>
  );
}

function Details({ graph, place, details }: NodePanelProps & { readonly details: NodeDetails }) {
  const outputs = useMemo(() => graph.outputs(place), [graph, place]);
  const { calls, inputs, inputCount, attributes, attributeCount } = details;
  const data = inputs.filter(({ isControl }) => !isControl);
  const controls = inputs.filter(({ isControl }) => isControl);
  const toInput = (node: GraphIndex, { place: at, text }: NodeInput) =>
    at < 0 ? (
      <>
        <NameText text={text} /> <span class="bad">is not in the graph</span>
      </>
    ) : (
      <>
        <NodeButton name={node.name(at)} text={text} /> <Type graph={graph} place={at} />
      </>
    );
  return (
    <>
      {calls.length > 0 && (
        <>
          <h3>Calls</h3>
          <ul class="node-items">
            {calls.slice(0, SHOWN).map((name) => (
              <li key={name}>
                <FunctionButton name={name} />
              </li>
            ))}
          </ul>
          {calls.length > SHOWN && <p class="quiet">{formatCount(calls.length, "function")} in all.</p>}
        </>
      )}
      {inputCount > inputs.length && (
        <p class="quiet">
          {formatCount(inputCount, "input")}; the first {inputs.length.toLocaleString("en")} are listed.
        </p>
      )}
      <div class="node-lists">
        <NodeItems title="Inputs" items={data.map((input) => toInput(graph, input))} />
        <NodeItems title="Runs after" items={controls.map((input) => toInput(graph, input))} />
        <NodeItems
          title="Outputs go to"
          items={outputs.map(({ place: at, isControl }) => (
            <>
              <NodeButton name={graph.name(at)} /> <Type graph={graph} place={at} />
              {isControl && <span class="quiet"> runs after this</span>}
            </>
          ))}
        />
      </div>
      <h3>Attributes</h3>
      {attributes.length === 0 ? (
        <p class="quiet">None</p>
      ) : (
        <dl class="attributes">
          {attributes.map(({ name, text }) => (
            <div key={name}>
              <dt>
                <NameText text={name} />
              </dt>
              <dd class="number">
                <NameText text={text} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {attributeCount > attributes.length && <p class="quiet">{formatCount(attributeCount, "attribute")} in all.</p>}
    </>
  );
}

function Type({ graph, place }: NodePanelProps) {
  return (
    <span class="quiet">
      <NameText text={graph.type(place)} inRow />
    </span>
  );
}

interface NodeItemsProps {
  readonly title: string;
  readonly items: readonly ComponentChildren[];
}

function NodeItems({ title, items }: NodeItemsProps) {
  const [shown, setShown] = useState(SHOWN);
  return (
    <div>
      <h3>
        {title} {items.length > 0 && <span class="quiet number">{items.length.toLocaleString("en")}</span>}
      </h3>
      {items.length === 0 ? (
        <p class="quiet">None</p>
      ) : (
        <ul class="node-items">
          {items.slice(0, shown).map((item, i) => (
            <li key={i}>{item}</li>
          ))}
        </ul>
      )}
      {items.length > shown && (
        <button type="button" onClick={() => setShown(shown + 500)}>
          Show more
        </button>
      )}
    </div>
  );
}
