import { type CheckpointReader, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { byteLength, isNumeric, type OperationOptions, tensorBytes, throwIfAborted, ValueError } from "@tfsaver/core";
import { tensorToProto } from "@tfsaver/graph";
import { readMetaGraph } from "@tfsaver/meta-graph";
import { GraphDef, type NodeDef } from "@tfsaver/proto/graph";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { OutputFiles, requireWritable } from "../output/output-files.js";
import { pathsOf } from "../source/described-source.js";
import { inGraph, requireConsistent, requireFrozen } from "./check-graph.js";
import { type StoredNode, storedConstant, storedNode } from "./frozen-node.js";
import { type FrozenVariable, findVariables } from "./frozen-variables.js";
import { FunctionLibrary } from "./function-library.js";
import { reachable } from "./reachable.js";
import { rewriteNodes } from "./rewrite-nodes.js";
import { follow, graphScope } from "./scope.js";
import { restoredKeys } from "./variable-keys.js";

/** Options of {@link freezeGraph}. */
export interface FreezeGraphOptions extends OperationOptions {
  /** Names of the operations that the frozen graph computes. At least one. */
  readonly outputs: readonly string[];
  /** Storage to read from and write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Replaces a file that exists. Default: false, an error. */
  readonly force?: boolean | undefined;
  /** Checks everything, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** The result of {@link freezeGraph}. */
export interface FrozenGraph {
  /** Number of nodes in the file. */
  readonly nodes: number;
  /** Names of the variables that became constants. */
  readonly variables: readonly string[];
  /** Size of the file in bytes. */
  readonly bytes: number;
}

/** The largest protobuf message, in bytes. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Writes a graph without variables: each becomes a constant with its value in a checkpoint, and nodes that the outputs do not
 * need are left out, as `tf.compat.v1.graph_util.convert_variables_to_constants` does. References, resources, partitioned
 * variables, loops and branches of both kinds are kept. Values are copied in pieces.
 *
 * @param metaGraph - path of the `.meta` file
 * @param checkpoint - prefix of the checkpoint, as `resolveCheckpoint` returns it
 * @param destination - path of the new file, a serialized `GraphDef`
 * @throws `NotFoundError` if there is no such operation, or the checkpoint lacks a variable; `DataLossError` if the graph is not
 * consistent: names twice, inputs that don't exist or fit, a cycle other than that of a loop; `InvalidArgumentError` if dtype or
 * shape of a variable differ, or the destination is a source; `UnimplementedError` if an output needs an operation that changes a
 * variable; `ValueError` if the file exists, would be larger than 2 GiB, or `outputs` is empty; the errors of reading and of the
 * storage.
 *
 * @example
 * ```ts
 * import { freezeGraph } from "@tfsaver/interchange/frozen-graph";
 *
 * const { variables } = await freezeGraph("run/model.ckpt-7.meta", "run/model.ckpt-7", "model.pb", { outputs: ["softmax"] });
 * console.log(variables); // the names of the variables that became constants
 * ```
 */
export async function freezeGraph(
  metaGraph: string,
  checkpoint: string,
  destination: string,
  options: FreezeGraphOptions,
): Promise<FrozenGraph> {
  const { storage = defaultStorage(), outputs, force, dryRun } = options;
  if (outputs.length === 0) throw new ValueError("outputs must name one operation at least");
  const { graphDef: graph = { node: [], version: 0 }, metaInfoDef } = await readMetaGraph(metaGraph, { storage });
  const opDefs = metaInfoDef?.strippedOpList?.op ?? [];
  requireConsistent(metaGraph, graph, opDefs, outputs);
  const nodes = reachable(graph.node, metaGraph, outputs);
  const reader = await openCheckpoint(checkpoint, { ...options, storage });
  try {
    const keys = inGraph(metaGraph, () => restoredKeys(new Map(graph.node.map((node) => [node.name, node]))));
    const variables = await findVariables(nodes, keys, reader, options);
    const { library, added } = inGraph(metaGraph, () => {
      const library = new FunctionLibrary(graph.library, new Map(opDefs.map((opDef) => [opDef.name, opDef])));
      const scope = graphScope(nodes);
      const sources = new Map([...variables].map(([{ name }, { value }]) => [`${name}:0`, value]));
      return { library, added: rewriteNodes(scope, follow(scope, sources), library.rewriting) };
    });
    const names = new Set(nodes.map(({ name }) => name));
    const parts: Part[] = [];
    const frozen: NodeDef[] = [];
    for (const node of [...nodes, ...added]) {
      withoutMissing(node, names);
      const variable = variables.get(node);
      const next = variable === undefined ? node : constantOf(node, variable);
      frozen.push(next);
      parts.push({ name: node.name, ...(await encode(next, variable, reader, options)) });
    }
    requireFrozen(metaGraph, graph, frozen, opDefs);
    // Debug information names nodes that are not there any more.
    const end = GraphDef.encode({ ...graph, node: [], library: library.encode(), debugInfo: undefined });
    const bytes = parts.reduce((sum, { head, contentBytes }) => sum + head.length + contentBytes, end.length);
    if (bytes > MAX_BYTES) throw tooLarge(destination, bytes);
    await requireWritable([destination], storage, { force, sources: [metaGraph, ...pathsOf(reader)] });
    const report = {
      nodes: parts.length,
      variables: [...variables.values()].map(({ value }) => value.variable),
      bytes,
    };
    if (!dryRun)
      await write(destination, storage, [...parts, { name: "", head: end, contentBytes: 0 }], reader, {
        ...options,
        bytes,
      });
    return report;
  } finally {
    await reader.close();
  }
}

function tooLarge(destination: string, bytes: number): ValueError {
  return new ValueError(
    `${destination} would have ${bytes} bytes, and a GraphDef can have 2 GiB at most. Keep the variables in the checkpoint, or ` +
      "choose outputs that need fewer of them.",
    { path: destination },
  );
}

/** Most nodes that are written at once. */
const MAX_HEADS = 1000;

/** A part of the file: bytes, and behind them the content of a variable. */
interface Part extends StoredNode {
  /** Name of the node. */
  readonly name: string;
  /** The variable whose values come behind the head. */
  readonly variable?: FrozenVariable | undefined;
}

async function write(
  destination: string,
  storage: Storage,
  parts: readonly Part[],
  reader: CheckpointReader,
  { bytes, force, signal, onProgress }: FreezeGraphOptions & { readonly bytes: number },
): Promise<void> {
  const output = new OutputFiles(storage, force);
  try {
    const file = await output.create(destination);
    let done = 0;
    // Most nodes have a few bytes.
    let heads: Uint8Array[] = [];
    const writeHeads = async () => {
      await file.write(heads);
      heads = [];
    };
    for (const { name, head, contentBytes, variable } of parts) {
      throwIfAborted(signal);
      heads.push(head);
      if (variable !== undefined || heads.length === MAX_HEADS) await writeHeads();
      if (variable !== undefined) {
        const { key, slice } = variable;
        for await (const piece of reader.stream(key, { slice, signal })) await file.write([tensorBytes(piece)]);
      }
      done += head.length + contentBytes;
      onProgress?.({ done, total: bytes, tensor: name });
    }
    await writeHeads();
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

/** Leaves out the places of nodes that are not in the graph any more. */
function withoutMissing(node: NodeDef, names: ReadonlySet<string>): void {
  const places = node.attr.get("_class")?.list;
  if (places === undefined) return;
  places.s = places.s.filter((place) => names.has(new TextDecoder().decode(place).replace(/^loc:@/, "")));
  if (places.s.length === 0) node.attr.delete("_class");
}

/** Returns the constant that takes the place of a variable, still without its value. */
function constantOf({ name, input, device }: NodeDef, { value }: FrozenVariable): NodeDef {
  const attr = new Map([["dtype", { type: value.type }]]);
  return { name, op: "Const", input: input.filter((source) => source.startsWith("^")), device, attr };
}

/** Encodes a node. The content of a variable is left for later unless it consists of strings. */
async function encode(
  node: NodeDef,
  variable: FrozenVariable | undefined,
  reader: CheckpointReader,
  { signal }: OperationOptions,
): Promise<Omit<Part, "name">> {
  if (variable === undefined) return storedNode(node);
  const { info, value, key, slice } = variable;
  if (isNumeric(info.dtype)) {
    return { ...storedConstant(node, info.dtype, value.shape, byteLength(info.dtype, value.shape)), variable };
  }
  const tensor = tensorToProto(await reader.get(key, slice, { signal }));
  return storedNode({ ...node, attr: new Map([...node.attr, ["value", { tensor }]]) });
}
