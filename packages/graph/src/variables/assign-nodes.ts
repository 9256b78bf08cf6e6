import {
  type DType,
  dtypeFromEnum,
  dtypeToEnum,
  formatShape,
  isFullyDefined,
  type PartialShape,
  shapesCompatible,
  type Tensor,
  type TensorLike,
  toTensor,
  ValueError,
} from "@tfsaver/core";
import { attr } from "../model/attributes.js";
import { type Graph, type Operation, Output } from "../model/graph.js";
import { builtInOpDef } from "../ops/built-in-op-defs.js";
import { constant } from "../ops/values.js";

/** Options of {@link Variable.assignAdd} and {@link Variable.assignSub}. */
export interface UpdateOptions {
  /**
   * Keep other updates out meanwhile. It matters for reference variables on a server only: updates of a resource variable
   * always do, and those of a `LocalSession` are one after another. Default: false.
   */
  readonly useLocking?: boolean | undefined;
  /** Made unique within the current name scope. Default: the operation's type. */
  readonly name?: string | undefined;
  /** Return the new value rather than the operation that assigns it. Default: true. */
  readonly readValue?: boolean | undefined;
}

/** Options of {@link Variable.assign}. */
export interface AssignOptions extends UpdateOptions {
  /**
   * Require the value to have the variable's shape. Without it, a reference variable takes any shape; a resource variable
   * does if its own shape is unknown. Default: true, but false for a resource variable that was made so.
   */
  readonly validateShape?: boolean | undefined;
}

/** What an update does, by the type of its operation for a reference. */
export type Update = "Assign" | "AssignAdd" | "AssignSub";

const RESOURCE_OPS: Readonly<Record<Update, string>> = {
  Assign: "AssignVariableOp",
  AssignAdd: "AssignAddVariableOp",
  AssignSub: "AssignSubVariableOp",
};

/** A variable that is assigned to another one. Reading it may add an operation. */
interface ReadableVariable {
  readonly name: string;
  readonly graph: Graph;
  readonly dtype: DType;
  readonly shape: PartialShape;
  value(): Output;
}

/** The value of an update: one that becomes a constant, an output, or a variable to be read. */
type GivenValue = TensorLike | Output | ReadableVariable;

/**
 * Adds an operation that updates a reference.
 *
 * @param ref - the reference variable's own output, or one that an update of it returned
 * @throws `TypeError` if `ref` refers to no variable, or the operation isn't defined for its dtype; `ValueError` if the
 * value doesn't fit.
 */
export function updateReference(update: Update, ref: Output, given: GivenValue, options: AssignOptions): Operation {
  const { graph, name, shape } = ref;
  if (!ref.isRef) throw new TypeError(`${name} can't be assigned to: it doesn't refer to the memory of a variable`);
  const dtype = ref.dtype as DType;
  const { useLocking } = options;
  const validateShape = update !== "Assign" || (options.validateShape ?? true);
  requireAllowedDtype(update, dtype);
  const value = fittingValue({ name, graph, dtype, shape: validateShape ? shape : undefined }, given);
  const attrs = {
    T: attr.type(dtype),
    ...(update === "Assign" && { validate_shape: attr.bool(validateShape) }),
    ...(useLocking !== undefined && { use_locking: attr.bool(useLocking) }),
  };
  return graph.withNameScope(options.name ?? update, (scope) => {
    const inputs = [ref, addValue(graph, value, "value")];
    return graph.withColocation(ref.op, () => graph.createOperation(update, { name: scope, inputs, attrs }));
  });
}

/** What a value must fit. */
type Target = Omit<ReadableVariable, "value">;

/** A resource variable, as far as an update needs it. */
interface ResourceVariable extends Target {
  readonly handle: Output;
  /** The copy on another device that reads of the variable share. A sum or difference must not change it too early. */
  readonly cachedValue: Output | undefined;
}

/**
 * Adds an operation that updates a resource variable.
 *
 * @throws `ValueError` if the value doesn't fit.
 */
export function updateResource(
  update: Update,
  variable: ResourceVariable,
  given: GivenValue,
  { name, validateShape = true }: AssignOptions,
): Operation {
  const { graph, handle, dtype, shape, cachedValue } = variable;
  const value = fittingValue(variable, given);
  const attrs = {
    dtype: attr.type(dtype),
    ...(update === "Assign" && { validate_shape: attr.bool(validateShape && isFullyDefined(shape)) }),
  };
  const after = update === "Assign" || cachedValue === undefined ? [] : [cachedValue.op];
  return graph.withControlDependencies(after, () => {
    const inputs = [handle, addValue(graph, value)];
    return graph.createOperation(RESOURCE_OPS[update], { name, inputs, attrs });
  });
}

/** Adds a read of a resource. */
export function readResource(handle: Output, dtype: DType): Output {
  const read = handle.graph.createOperation("ReadVariableOp", { inputs: [handle], attrs: { dtype: attr.type(dtype) } });
  return read.outputs[0] as Output;
}

/** A value that fits: a tensor becomes a constant, a variable is read. */
export type GraphValue = Tensor | Output | ReadableVariable;

/** Returns a value as an output, which may add an operation. */
export function addValue(graph: Graph, value: GraphValue, name?: string): Output {
  if (value instanceof Output) return value;
  return "value" in value ? value.value() : constant(value, { graph, name });
}

/**
 * Converts a value to the dtype of a variable.
 *
 * @throws `InvalidArgumentError` if it can't be converted; `ValueError` if it has another shape, or is an output or a
 * variable of another dtype or graph.
 */
export function fittingValue({ name, graph, dtype, shape }: Target, given: GivenValue): GraphValue {
  const isOfGraph = given instanceof Output || isVariable(given);
  const value = isOfGraph ? given : toTensor(given, dtype, undefined, `The value for variable ${name}`);
  const what = isOfGraph ? given.name : "The value";
  const refuse = (reason: string): never => {
    throw new ValueError(`${what} can't be assigned to variable ${name}: it ${reason}`);
  };
  if (isOfGraph && given.graph !== graph) refuse("belongs to another graph");
  if (value.dtype !== undefined && value.dtype !== dtype) refuse(`has dtype ${value.dtype}, not ${dtype}`);
  if (!shapesCompatible(value.shape, shape)) {
    refuse(`has shape ${formatShape(value.shape)}, not ${formatShape(shape)}`);
  }
  return value;
}

function isVariable(given: TensorLike | ReadableVariable): given is ReadableVariable {
  return typeof given === "object" && given !== null && "value" in given;
}

/** Throws, as TensorFlow does, if the definition of an update doesn't allow the dtype. */
function requireAllowedDtype(update: Update, dtype: DType): void {
  const allowed = builtInOpDef(update)?.attr.find(({ name }) => name === "T")?.allowedValues?.list?.type;
  if (allowed === undefined || allowed.includes(dtypeToEnum(dtype))) return;
  throw new TypeError(
    `Value passed to parameter 'ref' has DataType ${dtype} not in list of allowed values: ` +
      allowed.map((value) => dtypeFromEnum(value)).join(", "),
  );
}
