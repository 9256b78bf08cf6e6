import type { MetaGraphSummary } from "@tfsaver/checkpoint-tools/meta-graph";

/** The nodes of a graph as columns, so that the nodes of a scope follow each other, and their edges. */
export interface GraphListing {
  /** Path of its file. */
  readonly file: string;
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
