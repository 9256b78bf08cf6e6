import { Output } from "../model/graph.js";
import { type AssignOptions, type Update, type UpdateOptions, updateReference } from "./assign-nodes.js";
import { Variable, type VariableValue } from "./variable.js";

/**
 * Adds an operation that sets a variable to a value (`tf.compat.v1.assign`). It is {@link Variable.assign} with another
 * default: `useLocking` is true. As in TensorFlow, only `name` matters for a resource variable.
 *
 * @param ref - a variable, or an output that refers to a reference variable, such as what an assignment returned
 * @returns the new value, as of {@link Variable.assign}
 * @throws `TypeError` if `ref` is an output that refers to no variable; otherwise as {@link Variable.assign}.
 * @example
 * ```ts
 * import { assign, assignAdd, Graph, Variable } from "@tfsaver/graph";
 *
 * const weights = Variable.create([0, 0], { graph: new Graph(), name: "weights" });
 * const next = assignAdd(assign(weights, [1, 2]), [10, 10]); // first the assignment, then the sum
 * console.log(next.name, next.op.inputs[0]?.name); // AssignAdd:0 Assign:0
 * ```
 */
export function assign(
  ref: Variable | Output,
  value: VariableValue,
  options: Omit<AssignOptions, "readValue"> = {},
): Output {
  if (ref instanceof Variable && ref.isResource) return ref.assign(value, { name: options.name });
  return update("Assign", ref, value, options);
}

/**
 * Adds an operation that adds a value to a variable (`tf.compat.v1.assign_add`). As in TensorFlow, the options don't
 * matter for a resource variable, not even `name`: {@link Variable.assignAdd} takes it.
 *
 * @param ref - as of {@link assign}
 * @throws `TypeError` if `ref` is an output that refers to no variable; otherwise as {@link Variable.assignAdd}.
 * @example
 * ```ts
 * import { assignAdd, Graph, Variable } from "@tfsaver/graph";
 *
 * const step = Variable.create(0, { graph: new Graph(), name: "step" });
 * console.log(assignAdd(step, 1, { name: "next_step" }).name); // next_step:0
 * ```
 */
export function assignAdd(
  ref: Variable | Output,
  value: VariableValue,
  options: Omit<UpdateOptions, "readValue"> = {},
): Output {
  if (ref instanceof Variable && ref.isResource) return ref.assignAdd(value);
  return update("AssignAdd", ref, value, options);
}

/**
 * Adds an operation that subtracts a value from a variable (`tf.compat.v1.assign_sub`): see {@link assignAdd}.
 *
 * @throws `TypeError` if `ref` is an output that refers to no variable; otherwise as {@link Variable.assignSub}.
 * @example
 * ```ts
 * import { assignSub, Graph, Variable } from "@tfsaver/graph";
 *
 * const left = Variable.create(10, { graph: new Graph(), name: "left" });
 * console.log(assignSub(left, 1).op.type); // AssignSub
 * ```
 */
export function assignSub(
  ref: Variable | Output,
  value: VariableValue,
  options: Omit<UpdateOptions, "readValue"> = {},
): Output {
  if (ref instanceof Variable && ref.isResource) return ref.assignSub(value);
  return update("AssignSub", ref, value, options);
}

function update(type: Update, ref: Variable | Output, value: VariableValue, options: AssignOptions): Output {
  const target = ref instanceof Variable ? ref.handle : ref;
  if (!(target instanceof Output)) throw new TypeError(`ref must be a Variable or an Output, not ${String(target)}`);
  return updateReference(type, target, value, options).outputs[0] as Output;
}
