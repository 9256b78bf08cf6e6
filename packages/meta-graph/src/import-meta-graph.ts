import { NotFoundError, requireString, ValueError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import {
  type Graph,
  GraphKeys,
  type ImportedGraphDef,
  type InputMap,
  importGraphDef,
  type Operation,
  Output,
  resolveGraph,
  stripNameScope,
  Variable,
} from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import type { CollectionDef, MetaGraphDef } from "@tfsaver/proto/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { UNBOUND_INPUTS } from "./collections/collection-keys.js";
import { CollectionReader } from "./collections/collection-reader.js";
import { prependSaverDef } from "./saver-defs.js";

const { GLOBAL_VARIABLES, TRAINABLE_VARIABLES } = GraphKeys;

/** Options of {@link importMetaGraph}, those of TensorFlow's `import_scoped_meta_graph`. */
export interface ImportMetaGraphOptions {
  /** The graph to add the nodes to. Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Ignore all devices. Default: false. */
  readonly clearDevices?: boolean | undefined;
  /** Name scope of everything that is imported, made unique. Default: the current name scope. */
  readonly importScope?: string | undefined;
  /** Outputs that replace inputs of the nodes, by input name. Every unbound input of the meta graph needs one. */
  readonly inputMap?: InputMap | undefined;
  /** Collection that lists the unbound inputs, and is not imported; `null` for none. Default: `unbound_inputs`. */
  readonly unboundInputsColName?: string | null | undefined;
  /** Returns true for the names of the collections to import. Default: all. */
  readonly restoreCollectionsPredicate?: ((key: string) => boolean) | undefined;
  /** Let the graph take over parts of the message without copying; don't use it afterwards. Default: false. */
  readonly consume?: boolean | undefined;
  /** Names of operations (`a`) and outputs (`a:0`) of the meta graph to return. Default: none. */
  readonly returnElements?: readonly string[] | undefined;
  /** Called for collections that can't be read. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** The result of {@link importMetaGraph}. */
export interface ImportedMetaGraph {
  readonly graph: Graph;
  /** The name scope of the imported nodes, without a trailing slash; `""` for none. */
  readonly importScope: string;
  /** The global variables in that scope, by their names in the meta graph (`a:0`). */
  readonly variables: ReadonlyMap<string, Variable>;
  /** The saver of the meta graph, if it has one, with the scope in its names. */
  readonly saverDef: SaverDef | undefined;
  /** The elements that the option `returnElements` names, in that order. */
  readonly returnElements: readonly (Operation | Output)[];
}

/**
 * Adds the nodes and collections of a meta graph to a graph (`import_scoped_meta_graph`). The message doesn't change,
 * unless `consume` is set.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { exportMetaGraph, importMetaGraph } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * Variable.create([1, 2], { graph, name: "weights" });
 * const { variables } = importMetaGraph(exportMetaGraph({ graph }), { graph: new Graph() });
 * console.log(variables.get("weights:0")?.shape); // [ 2 ]
 * ```
 *
 * @throws `ValueError` if an unbound input is not mapped, or the nodes are inconsistent (then none is added);
 * `NotFoundError` or `DataLossError` if a collection doesn't fit the graph; `RuntimeError` if the graph is finalized.
 */
export function importMetaGraph(metaGraph: MetaGraphDef, options: ImportMetaGraphOptions = {}): ImportedMetaGraph {
  requireTypes(metaGraph, options);
  const graph = resolveGraph(options.graph);
  const { onWarning = warnOnConsole } = options;
  const { metaInfoDef, saverDef, collectionDef } = metaGraph;
  const unboundInputs = options.unboundInputsColName === undefined ? UNBOUND_INPUTS : options.unboundInputsColName;
  if (unboundInputs !== null) requireBound(collectionDef.get(unboundInputs), options.inputMap);
  const imported = importGraphDef(graph, nodesOf(metaGraph, options), {
    opDefs: metaInfoDef?.strippedOpList?.op ?? [],
    name: options.importScope || (graph.nameScope === "" ? "" : `${graph.nameScope}/`),
    inputMap: options.inputMap,
    consume: options.consume,
  });
  const importScope = imported.prefix.slice(0, -1);
  const trainableByCollection = isBefore19(metaInfoDef?.tensorflowVersion ?? "");
  const reader = new CollectionReader(graph, { importScope, trainableByCollection, onWarning });
  for (const [key, def] of [...collectionDef].sort(byTrainableThenName)) {
    if (key === unboundInputs || options.restoreCollectionsPredicate?.(key) === false) continue;
    const values = reader.read(key, def);
    if (values === undefined) onWarning(`Cannot identify data type for collection ${key}. Skipping.`);
    else for (const value of values) graph.addToCollection(key, value);
  }
  return {
    graph,
    importScope,
    variables: variablesIn(graph, importScope),
    saverDef: saverDef && prependSaverDef(saverDef, importScope),
    returnElements: (options.returnElements ?? []).map((name) => elementOf(imported, name)),
  };
}

function requireTypes(metaGraph: MetaGraphDef, options: ImportMetaGraphOptions): void {
  if (!(metaGraph?.collectionDef instanceof Map)) {
    throw new TypeError("The meta graph to import must be a MetaGraphDef; readMetaGraph reads one from a file");
  }
  const { importScope, inputMap, unboundInputsColName, restoreCollectionsPredicate, returnElements } = options;
  if (importScope) requireString(importScope, "importScope");
  if (unboundInputsColName) requireString(unboundInputsColName, "unboundInputsColName");
  if (restoreCollectionsPredicate && typeof restoreCollectionsPredicate !== "function") {
    throw new TypeError("restoreCollectionsPredicate must be a function that takes the name of a collection");
  }
  if (returnElements && !Array.isArray(returnElements)) throw new TypeError("returnElements must be an array of names");
  if (inputMap && typeof inputMap !== "object")
    throw new TypeError("inputMap must be a Map or an object, by input name");
  for (const [name, source] of inputMap instanceof Map ? inputMap : Object.entries(inputMap ?? {})) {
    if (!(source instanceof Output)) throw new TypeError(`inputMap must have an Output for '${name}'`);
  }
}

/**
 * Checks that every unbound input is mapped. Other inputs may be mapped too: unbound control inputs are not in the
 * collection. Importing the nodes finds names that are no inputs.
 *
 * @throws `ValueError` if an input that `def` lists is not mapped.
 */
function requireBound(def: CollectionDef | undefined, inputMap: InputMap = {}): void {
  const needed = new Set(def?.bytesList?.value.map((bytes) => new TextDecoder().decode(bytes)));
  for (const input of inputMap instanceof Map ? inputMap.keys() : Object.keys(inputMap)) needed.delete(input);
  if (needed.size === 0) return;
  const missing = [...needed].join(",");
  throw new ValueError(`Graph contains unbound inputs: ${missing}. Must provide these inputs through input_map.`);
}

function nodesOf({ graphDef = GraphDef.create() }: MetaGraphDef, { clearDevices }: ImportMetaGraphOptions): GraphDef {
  return clearDevices ? { ...graphDef, node: graphDef.node.map((node) => ({ ...node, device: "" })) } : graphDef;
}

function variablesIn(graph: Graph, scope: string): Map<string, Variable> {
  const variables = graph
    .collection(GLOBAL_VARIABLES)
    .filter((value): value is Variable => value instanceof Variable)
    .filter(({ name }) => scope === "" || name.startsWith(`${scope}/`));
  return new Map(variables.map((variable) => [stripNameScope(variable.name, scope), variable]));
}

function elementOf({ operations }: ImportedGraphDef, name: string): Operation | Output {
  const [, opName = name, index] = /^(.*):(\d+)$/s.exec(name) ?? [];
  const op = operations.get(opName);
  const element = index === undefined ? op : op?.findOutput(Number(index));
  if (element === undefined) throw new NotFoundError(`Requested return_element '${name}' not found in graph_def.`);
  return element;
}

/** Sorts trainable variables first: in old files, only that collection says which variables are trainable. */
function byTrainableThenName([a]: [string, unknown], [b]: [string, unknown]): number {
  const rank = (key: string) => (key === TRAINABLE_VARIABLES ? 0 : 1);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** True for versions before TensorFlow 1.9, in which variables don't say if they are trainable. */
function isBefore19(version: string): boolean {
  const [major, minor = 0] = version.split(".").map(Number);
  return version !== "" && (major === 0 || (major === 1 && minor < 9));
}
