import { GraphKeys } from "@tfsaver/graph";

/** Collections whose values are variables. */
export const VARIABLE_COLLECTIONS: ReadonlySet<string> = new Set([
  GraphKeys.GLOBAL_VARIABLES,
  GraphKeys.TRAINABLE_VARIABLES,
  GraphKeys.LOCAL_VARIABLES,
  GraphKeys.MODEL_VARIABLES,
  GraphKeys.MOVING_AVERAGE_VARIABLES,
  GraphKeys.METRIC_VARIABLES,
  GraphKeys.GLOBAL_STEP,
]);

/** The collection of savers. */
export const { SAVERS } = GraphKeys;

/** Where a part of a graph names the inputs that it needs from outside. */
export const UNBOUND_INPUTS = "unbound_inputs";
