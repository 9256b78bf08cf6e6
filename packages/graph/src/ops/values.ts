import { type DType, type PartialShape, type TensorLike, toTensor } from "@tfsaver/core";
import { attr } from "../model/attributes.js";
import { resolveGraph } from "../model/default-graph.js";
import type { Graph, Operation, Output } from "../model/graph.js";
import { tensorToProto } from "../model/tensor-proto.js";

/** The graph and the name of a new operation. */
export interface OpOptions {
  /** Default: the graph of the inputs; without inputs, the default graph. */
  readonly graph?: Graph | undefined;
  /** Made unique within the current name scope. Default: depends on the function, mostly the operation's type. */
  readonly name?: string | undefined;
}

function only(op: Operation): Output {
  return op.outputs[0] as Output;
}

/**
 * Adds a value that is stored in the graph (`tf.constant`).
 *
 * @example
 * ```ts
 * import { constant, Graph } from "@tfsaver/graph";
 *
 * const x = constant([[1, 2], [3, 4]], { graph: new Graph(), dtype: "int32", name: "x" });
 * console.log(x.name, x.dtype, x.shape); // x:0 int32 [ 2, 2 ]
 * ```
 *
 * @throws `InvalidArgumentError` if the value can't be converted to the dtype.
 */
export function constant(value: TensorLike, options: OpOptions & { readonly dtype?: DType } = {}): Output {
  const tensor = toTensor(value, options.dtype, undefined, options.name && `Constant ${options.name}`);
  const graph = resolveGraph(options.graph);
  return only(
    graph.createOperation("Const", {
      name: options.name,
      attrs: { dtype: attr.type(tensor.dtype), value: attr.tensor(tensorToProto(tensor)) },
    }),
  );
}

/**
 * Adds a value that every run must feed (`tf.compat.v1.placeholder`).
 *
 * @example
 * ```ts
 * import { Graph, placeholder } from "@tfsaver/graph";
 *
 * const images = placeholder("float32", { graph: new Graph(), name: "images", shape: [-1, 784] });
 * console.log(images.name, images.shape); // images:0 [ -1, 784 ]
 * ```
 */
export function placeholder(dtype: DType, options: OpOptions & { readonly shape?: PartialShape } = {}): Output {
  const graph = resolveGraph(options.graph);
  const attrs = { dtype: attr.type(dtype), shape: attr.shape(options.shape) };
  return only(graph.createOperation("Placeholder", { name: options.name, attrs }));
}

/**
 * Adds a value that a run may feed; otherwise it is `input` (`tf.compat.v1.placeholder_with_default`).
 *
 * @example
 * ```ts
 * import { constant, Graph, placeholderWithDefault } from "@tfsaver/graph";
 *
 * const rate = placeholderWithDefault(constant(0.1, { graph: new Graph() }), [], { name: "rate" });
 * console.log(rate.name, rate.dtype); // rate:0 float32
 * ```
 */
export function placeholderWithDefault(input: Output, shape: PartialShape, options: OpOptions = {}): Output {
  const attrs = { dtype: attr.type(input.dtype as DType), shape: attr.shape(shape) };
  return only(input.graph.createOperation("PlaceholderWithDefault", { name: options.name, inputs: [input], attrs }));
}

/**
 * Adds a copy of a value under a name of its own (`tf.identity`).
 *
 * @example
 * ```ts
 * import { constant, Graph, identity } from "@tfsaver/graph";
 *
 * const y = identity(constant([1, 2], { graph: new Graph() }), { name: "y" });
 * console.log(y.name, y.shape); // y:0 [ 2 ]
 * ```
 */
export function identity(input: Output, options: OpOptions = {}): Output {
  const attrs = { T: attr.type(input.dtype as DType) };
  return only(input.graph.createOperation("Identity", { name: options.name, inputs: [input], attrs }));
}

/**
 * Adds a conversion to another dtype (`tf.cast`). Returns the input itself if it has that dtype.
 *
 * @example
 * ```ts
 * import { cast, constant, Graph } from "@tfsaver/graph";
 *
 * const half = cast(constant([1, 2], { graph: new Graph() }), "float16");
 * console.log(half.dtype); // float16
 * ```
 */
export function cast(input: Output, dtype: DType, options: OpOptions = {}): Output {
  if (input.dtype === dtype) return input;
  const attrs = { SrcT: attr.type(input.dtype as DType), DstT: attr.type(dtype) };
  return only(input.graph.createOperation("Cast", { name: options.name, inputs: [input], attrs }));
}
