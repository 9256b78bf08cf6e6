import type { DType } from "@tfsaver/core";
import { attr, constant, type Output } from "@tfsaver/graph";

/** Adds a reshape of a restored tensor (`tf.reshape`). Returns the tensor itself if `shape` is `undefined`. */
export function reshaped(tensor: Output, shape: Output | readonly number[] | undefined): Output {
  if (shape === undefined) return tensor;
  const { graph } = tensor;
  return graph.withNameScope("Reshape", (scope) => {
    const target = "graph" in shape ? shape : constant(Int32Array.from(shape), { graph, name: "shape" });
    const op = graph.createOperation("Reshape", {
      name: scope,
      inputs: [tensor, target],
      attrs: { T: attr.type(tensor.dtype as DType), Tshape: attr.type("int32") },
    });
    return op.outputs[0] as Output;
  });
}

/** The full type that TensorFlow records at `Shape` operations: a product of one shape tensor of int32. */
const SHAPE_FULL_TYPE = Uint8Array.of(8, 3, 18, 8, 8, 237, 7, 18, 3, 8, 207, 1);

/** Adds the operation that computes the shape of a tensor when the graph runs (`tf.shape`). */
export function shapeOf(tensor: Output): Output {
  const op = tensor.graph.createOperation("Shape", {
    inputs: [tensor],
    attrs: { T: attr.type(tensor.dtype as DType), out_type: attr.type("int32") },
  });
  op.preserved = { experimentalType: SHAPE_FULL_TYPE };
  return op.outputs[0] as Output;
}
