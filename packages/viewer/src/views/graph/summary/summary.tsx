import { escapeUnsafe, formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { formatShape } from "@tfsaver/core";
import type { ComponentChildren } from "preact";
import { useApp } from "../../../app/context.js";
import type { GraphIndex } from "../../../model/graph/graph-index.js";
import { NameText } from "../../../ui/name-text.js";
import { NodeButton } from "../node-button.js";
import { Collections } from "./collections.js";
import { Functions } from "./functions.js";
import { Signatures } from "./signatures.js";
import { TensorButton } from "./tensor-button.js";

/** Types and devices that are listed. */
const SHOWN = 200;

/** Shows what a graph holds as a whole. */
export function Summary({ graph }: { readonly graph: GraphIndex }) {
  const app = useApp();
  const { operations, tensorflowVersion, tags, types, devices, collections, signatures, saver, constants } =
    graph.summary;
  const { part, file, functions, damagedFunctions, metaGraphs } = graph.about;
  const isFunction = part.functionName !== undefined;
  const named = devices.filter(({ device }) => device !== "");
  return (
    <section class="page graph-summary" aria-label="The whole graph">
      <h2>
        <NameText text={part.functionName ?? file} />
      </h2>
      {isFunction && (
        <p class="quiet">
          A function of <NameText text={file} />
        </p>
      )}
      {metaGraphs.length > 1 && <MetaGraphs graph={graph} />}
      <p class="number">
        {formatCount(operations, "operation")}
        {tensorflowVersion !== undefined && (
          <>
            , written by TensorFlow <NameText text={tensorflowVersion} />
          </>
        )}
        {tags.length > 0 && (
          <>
            , tags <NameText text={tags.join(", ")} />
          </>
        )}
      </p>
      <Section title="Types of operations" count={types.length}>
        <ul class="types">
          {types.slice(0, SHOWN).map(({ type, count }) => (
            <li key={type}>
              <button type="button" class="link" onClick={() => app.setParams({ nodes: type })}>
                <NameText text={type} inRow />
              </button>{" "}
              <span class="quiet number">{count.toLocaleString("en")}</span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Functions" count={isFunction ? 0 : functions.length + damagedFunctions}>
        <Functions graph={graph} />
      </Section>
      <Section title="Devices" count={named.length}>
        <ul class="types">
          {named.slice(0, SHOWN).map(({ device, count }) => (
            <li key={device}>
              <NameText text={device} /> <span class="quiet number">{count.toLocaleString("en")}</span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Signatures" count={signatures.length}>
        <Signatures signatures={signatures} />
      </Section>
      <Section title="Collections" count={collections.length}>
        <Collections graph={graph} />
      </Section>
      {saver !== undefined && (
        <>
          <h3>Saver</h3>
          <dl class="attributes">
            <Fact label="Format">{saver.version === 2 ? "V2" : "V1"}</Fact>
            <Fact label="Sharded">{saver.sharded ? "yes" : "no"}</Fact>
            <Fact label="Keeps">
              {saver.maxToKeep === 0 ? "all checkpoints" : formatCount(saver.maxToKeep, "checkpoint")}
            </Fact>
            <Fact label="File name">
              <TensorButton graph={graph} tensor={saver.filenameTensorName} />
            </Fact>
            <Fact label="Saves by">
              <TensorButton graph={graph} tensor={saver.saveTensorName} />
            </Fact>
            <Fact label="Restores by">
              <TensorButton graph={graph} tensor={saver.restoreOpName} />
            </Fact>
          </dl>
        </>
      )}
      <Section title="Largest constants" count={constants.length}>
        <ul class="node-items">
          {constants.map(({ name, dtype, shape, bytes }) => (
            <li key={name}>
              <NodeButton name={name} />{" "}
              <span class="quiet number">
                {dtype} {formatShape(shape)}, {formatBytes(bytes)}
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </section>
  );
}

/** Chooses one of several meta graphs, by their tags. */
function MetaGraphs({ graph }: { readonly graph: GraphIndex }) {
  const app = useApp();
  const { part, metaGraphs } = graph.about;
  return (
    <label>
      Meta graph{" "}
      <select
        value={String(part.metaGraph)}
        onChange={({ currentTarget: { value } }) =>
          app.setParams({ metagraph: value === "0" ? undefined : value, function: undefined, nodes: undefined })
        }
      >
        {metaGraphs.map((tags, number) => (
          <option key={number} value={String(number)}>
            {number + 1}: {escapeUnsafe(tags.join(", ").slice(0, 100)) || "no tags"}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SectionProps {
  readonly title: string;
  readonly count: number;
  readonly children: ComponentChildren;
}

/** Shows a part of the summary, if there is anything in it. */
function Section({ title, count, children }: SectionProps) {
  if (count === 0) return null;
  return (
    <>
      <h3>
        {title} <span class="quiet number">{count.toLocaleString("en")}</span>
      </h3>
      {children}
    </>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
