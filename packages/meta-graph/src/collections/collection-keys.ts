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

/** The name of the collection of savers. */
export const { SAVERS } = GraphKeys;

/** The collection in which an exported scope names the inputs that it needs from outside. */
export const UNBOUND_INPUTS = "unbound_inputs";
