/**
 * Names of TensorFlow's own collections (`tf.compat.v1.GraphKeys`).
 *
 * @example
 * ```ts
 * import { Graph, GraphKeys, Variable } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * Variable.create(0, { graph, name: "step" });
 * console.log(graph.collection(GraphKeys.GLOBAL_VARIABLES).length); // 1
 * ```
 */
export const GraphKeys = {
  GLOBAL_VARIABLES: "variables",
  TRAINABLE_VARIABLES: "trainable_variables",
  LOCAL_VARIABLES: "local_variables",
  MODEL_VARIABLES: "model_variables",
  MOVING_AVERAGE_VARIABLES: "moving_average_variables",
  METRIC_VARIABLES: "metric_variables",
  GLOBAL_STEP: "global_step",
  SAVEABLE_OBJECTS: "saveable_objects",
  SAVERS: "savers",
  TRAIN_OP: "train_op",
} as const;
