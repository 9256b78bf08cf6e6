import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import { useRef, useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import { GraphIndex } from "../../model/graph/graph-index.js";
import type { GraphPart } from "../../model/graph/graph-listing.js";
import { NameText } from "../../ui/name-text.js";
import { Problem } from "../../ui/problem.js";
import { Working } from "../../ui/working.js";
import type { FoundGraph } from "../../worker/handlers/graph/graph-file.js";
import type { ViewProps } from "../view.js";
import css from "./graph.css?inline";
import { NodePanel } from "./node/node-panel.js";
import { NodeList } from "./node-list.js";
import { Summary } from "./summary/summary.js";

export const styles = css;

/** Shows the graph of a checkpoint: what is in its `.meta`, or in the `saved_model.pb` of its SavedModel. */
export function View({ source, path }: ViewProps) {
  const { engine } = useApp();
  const key = `${source.id} ${path}`;
  const found = useResource(key, (options) => engine.findGraph({ source: source.id, path }, options));
  if (found.error) return <Problem title="The graph can't be found" messages={[found.error.message]} />;
  if (found.running) return <Working what="Looking for the graph" />;
  if (found.value === undefined) return <NoGraph path={path} />;
  return <LoadedGraph key={key} source={source} found={found.value} />;
}

function NoGraph({ path }: { readonly path: string }) {
  return (
    <section class="page">
      <h2>No graph</h2>
      <p>
        There is no .meta file beside <NameText text={path} />, and no saved_model.pb of a SavedModel. Savers of
        TensorFlow 1 write a .meta file; checkpoints of TensorFlow 2 and other files have none. If it was left behind,
        open it together with the checkpoint, or the whole folder of the SavedModel.
      </p>
    </section>
  );
}

interface LoadedGraphProps {
  readonly source: ViewProps["source"];
  readonly found: FoundGraph;
}

function LoadedGraph({ source, found: { file, size } }: LoadedGraphProps) {
  const app = useApp();
  const { engine, askFirst } = app;
  const { function: functionName, metagraph } = app.address.value.params;
  const [attempt, setAttempt] = useState(0);
  const isAllowed = useRef(false);
  const { value, error, running, stop } = useResource(
    JSON.stringify([attempt, functionName, metagraph]),
    async (options) => {
      // The file is kept, so that its other graphs cost nothing.
      if (!isAllowed.current) await askFirst.mayRead(size, "Read the graph");
      isAllowed.current = true;
      const part: GraphPart = { metaGraph: Math.trunc(Number(metagraph)) || 0, functionName };
      return new GraphIndex(await engine.openGraph({ source: source.id, file, part }, options));
    },
  );
  if (running) return <Working what="Reading the graph" onStop={stop} />;
  if (error) {
    return (
      <>
        <Problem title="The graph can't be read" messages={[error.message]} />
        {functionName !== undefined && <WholeGraphButton />}
      </>
    );
  }
  if (value === undefined) {
    return (
      <p class="page">
        <button type="button" onClick={() => setAttempt(attempt + 1)}>
          Read the graph, {formatBytes(size)}
        </button>
      </p>
    );
  }
  return <GraphOf graph={value} />;
}

/** Leads from a function to the graph that has it. */
function WholeGraphButton() {
  const app = useApp();
  return (
    <button
      type="button"
      class="graph-back"
      onClick={() => app.setParams({ function: undefined, node: undefined, nodes: undefined })}
    >
      ← The whole graph
    </button>
  );
}

function GraphOf({ graph }: { readonly graph: GraphIndex }) {
  const app = useApp();
  const { node } = app.address.value.params;
  const place = node === undefined ? undefined : graph.placeOf(node);
  const isFunction = graph.about.part.functionName !== undefined;
  return (
    <div class={`graph ${node === undefined ? "" : "has-node"}`}>
      <NodeList graph={graph} selected={place} />
      <div class="graph-side">
        {node === undefined && isFunction && <WholeGraphButton />}
        {node !== undefined && (
          <button type="button" class="graph-back" onClick={() => app.setParams({ node: undefined })}>
            ← The whole {isFunction ? "function" : "graph"}
          </button>
        )}
        {node === undefined && <Summary graph={graph} />}
        {node !== undefined && place === undefined && (
          <Problem title={`${node} is not here`} messages={["The graph has no operation of this name."]} />
        )}
        {place !== undefined && <NodePanel key={place} graph={graph} place={place} />}
      </div>
    </div>
  );
}
