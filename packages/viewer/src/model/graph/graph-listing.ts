import type { MetaGraphSummary } from "@tfsaver/checkpoint-tools/meta-graph";

/** Which graph of a file. */
export interface GraphPart {
  /** Number of the meta graph, from 0: a `.meta` file has one, a SavedModel may have several. */
  readonly metaGraph: number;
  /** A function of the meta graph; undefined for its own operations. */
  readonly functionName: string | undefined;
}

/** A function of a graph. */
export interface FunctionSummary {
  readonly name: string;
  /** Number of operations. */
  readonly operations: number;
}

/** The nodes of a graph as columns, so that the nodes of a scope follow each other, and their edges. */
export interface GraphListing {
  /** Number of the graph, for calls about its nodes. */
  readonly id: number;
  /** Path of its file. */
  readonly file: string;
  readonly part: GraphPart;
  /** The tags of each meta graph of the file. */
  readonly metaGraphs: readonly (readonly string[])[];
  /** The functions of the meta graph, those with the most operations first. */
  readonly functions: readonly FunctionSummary[];
  /** Number of functions that can't be read. */
  readonly damagedFunctions: number;
  readonly names: readonly string[];
  /** Types of operations, in the order of their names. */
  readonly types: readonly string[];
  /** Places in `types`. */
  readonly typeOf: Uint32Array;
  /** Places of nodes that are inputs, one node after another; those of node `i` end before `inputEnds[i]`. -1 if there is no such node. */
  readonly inputs: Int32Array;
  /** The output that each input takes; {@link CONTROL} if it takes none, and only waits. */
  readonly ports: Int32Array;
  readonly inputEnds: Uint32Array;
  readonly summary: MetaGraphSummary;
}

/** Port of an input that only makes a node run later. */
export const CONTROL = -1;

/** What a graph says about one node. */
export interface NodeDetails {
  readonly device: string;
  /** Functions of the meta graph that the node calls, as far as they are listed. */
  readonly calls: readonly string[];
  /** The inputs as they are written, as far as they are listed. */
  readonly inputs: readonly NodeInput[];
  /** Number of all inputs. */
  readonly inputCount: number;
  readonly attributes: readonly TextOfAttribute[];
  /** Number of all attributes. */
  readonly attributeCount: number;
}

/** An input of a node. */
export interface NodeInput {
  /** `name`, `name:1`, or `^name`. */
  readonly text: string;
  /** Place of the node; -1 if there is none of this name. */
  readonly place: number;
  readonly isControl: boolean;
}

/** An attribute as text. */
interface TextOfAttribute {
  readonly name: string;
  readonly text: string;
}
