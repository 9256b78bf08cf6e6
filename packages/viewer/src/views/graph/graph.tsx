import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import { useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import { GraphIndex } from "../../model/graph/graph-index.js";
import { NameText } from "../../ui/name-text.js";
import { Problem } from "../../ui/problem.js";
import { Working } from "../../ui/working.js";
import type { ViewProps } from "../view.js";
import css from "./graph.css?inline";
import { NodePanel } from "./node/node-panel.js";
import { NodeList } from "./node-list.js";
import { Summary } from "./summary/summary.js";

export const styles = css;

/** Shows what is in the `.meta` of a checkpoint. */
export function View({ source, path }: ViewProps) {
  const { engine } = useApp();
  const key = `${source.id} ${path}`;
  const size = useResource(key, (options) => engine.graphSize({ source: source.id, path }, options));
  if (size.error) return <Problem title="The graph can't be found" messages={[size.error.message]} />;
  if (size.running) return <Working what="Looking for the graph" />;
  if (size.value === undefined) return <NoGraph path={path} />;
  return <LoadedGraph key={key} source={source} path={path} size={size.value} />;
}

function NoGraph({ path }: { readonly path: string }) {
  return (
    <section class="page">
      <h2>No graph</h2>
      <p>
        There is no .meta file beside <NameText text={path} />. Savers of TensorFlow 1 write one; checkpoints of
        TensorFlow 2 and other files have none. If it was left behind, open it together with the checkpoint.
      </p>
    </section>
  );
}

function LoadedGraph({ source, path, size }: Pick<ViewProps, "source" | "path"> & { readonly size: number }) {
  const { engine, askFirst } = useApp();
  const [attempt, setAttempt] = useState(0);
  const { value, error, running, stop } = useResource(String(attempt), async (options) => {
    await askFirst.mayRead(size, "Read the graph");
    return new GraphIndex(await engine.openGraph({ source: source.id, path }, options));
  });
  if (running) return <Working what="Reading the graph" onStop={stop} />;
  if (error) return <Problem title="The graph can't be read" messages={[error.message]} />;
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

function GraphOf({ graph }: { readonly graph: GraphIndex }) {
  const app = useApp();
  const { node } = app.address.value.params;
  const place = node === undefined ? undefined : graph.placeOf(node);
  return (
    <div class={`graph ${node === undefined ? "" : "has-node"}`}>
      <NodeList graph={graph} selected={place} />
      <div class="graph-side">
        {node !== undefined && (
          <button type="button" class="graph-back" onClick={() => app.setParams({ node: undefined })}>
            ← The whole graph
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
