import type { DType, Shape } from "@tfsaver/core";
import type { SaveSliceInfoDef } from "@tfsaver/proto/graph";
import type { Graph } from "../model/graph.js";

/** Options of {@link Variable.create}. */
export interface VariableOptions {
  /** Default: the graph of the initial value if that is an output, else the default graph. */
  readonly graph?: Graph | undefined;
  /** Made unique within the current name scope. Default: `Variable`. */
  readonly name?: string;
  /** Default: that of the initial value. */
  readonly dtype?: DType;
  /** Default: that of the initial value. */
  readonly shape?: Shape;
  /** True if optimizers should change it. Default: true. */
  readonly trainable?: boolean;
  /** Make a resource variable (TensorFlow 2's kind) instead of a reference variable. Default: false. */
  readonly useResource?: boolean;
  /**
   * Require the shape of the initial value to be known, and make it the variable's. A reference variable without it can
   * take values of any shape. Default: true.
   */
  readonly validateShape?: boolean;
  /** The part of a partitioned variable that this is. A saver saves it under the name of the whole variable. */
  readonly saveSliceInfo?: SaveSliceInfoDef;
  /** Collections to join. Default: `GraphKeys.GLOBAL_VARIABLES`. A trainable one joins `TRAINABLE_VARIABLES` too. */
  readonly collections?: readonly string[];
}
