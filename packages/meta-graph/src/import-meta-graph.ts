import { NotFoundError, ValueError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import {
  type Graph,
  GraphKeys,
  getDefaultGraph,
  type ImportedGraphDef,
  type InputMap,
  importGraphDef,
  type Operation,
  type Output,
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
  /** Where to add the nodes. Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Put the nodes on no device. Default: false. */
  readonly clearDevices?: boolean | undefined;
  /** Name scope for all that is imported, made unique. Default: that around, if there is one. */
  readonly importScope?: string | undefined;
  /** What nodes take instead of the inputs of these names. Every unbound input of the meta graph must be here. */
  readonly inputMap?: InputMap | undefined;
  /** The collection that names the unbound inputs; `null` for none. It is not imported. Default: `unbound_inputs`. */
  readonly unboundInputsColName?: string | null | undefined;
  /** Whether to import the collection of this name. Default: all are. */
  readonly restoreCollectionsPredicate?: ((key: string) => boolean) | undefined;
  /** Let parts of the message become the graph's, without a copy; it is of no use afterwards. Default: false. */
  readonly consume?: boolean | undefined;
  /** Names of operations (`a`) and outputs (`a:0`) of the meta graph that are wanted back. */
  readonly returnElements?: readonly string[] | undefined;
  /** Told of collections that can't be read. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** What came into the graph. */
export interface ImportedMetaGraph {
  readonly graph: Graph;
  /** The name scope that it came into, without a trailing slash; `""` for none. */
  readonly importScope: string;
  /** The global variables in that scope, by their names in the meta graph (`a:0`). */
  readonly variables: ReadonlyMap<string, Variable>;
  /** The saver that came with the graph, if any, with the scope in its names. */
  readonly saverDef: SaverDef | undefined;
  /** What `returnElements` asks for, in that order. */
  readonly returnElements: readonly (Operation | Output)[];
}

/**
 * Adds the nodes and collections of a meta graph to a graph (`import_scoped_meta_graph`). The message stays as it is
 * (but see `consume`); an empty one adds nothing.
 *
 * @throws `ValueError` if unbound inputs are not mapped, or if the nodes make no sense (then none is added);
 * `NotFoundError` or `DataLossError` if collections don't; `RuntimeError` if the graph is finalized.
 */
export function importMetaGraph(metaGraph: MetaGraphDef, options: ImportMetaGraphOptions = {}): ImportedMetaGraph {
  const { graph = getDefaultGraph(), onWarning = warnOnConsole } = options;
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
    else graph.addToCollection(key, ...values);
  }
  return {
    graph,
    importScope,
    variables: variablesIn(graph, importScope),
    saverDef: saverDef && prependSaverDef(saverDef, importScope),
    returnElements: (options.returnElements ?? []).map((name) => elementOf(imported, name)),
  };
}

/**
 * An outside operation that must only have run is not in the collection, but can be mapped; so more may be given than is
 * named. What is no input at all is found out when the nodes are imported.
 *
 * @throws `ValueError` if an input that `def` names is not mapped
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

/** Trainable variables are read first, because in old files only they tell which variables are trainable. */
function byTrainableThenName([a]: [string, unknown], [b]: [string, unknown]): number {
  const rank = (key: string) => (key === TRAINABLE_VARIABLES ? 0 : 1);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** Before TensorFlow 1.9, variables did not say whether they are trainable. */
function isBefore19(version: string): boolean {
  const [major, minor = 0] = version.split(".").map(Number);
  return version !== "" && (major === 0 || (major === 1 && minor < 9));
}
