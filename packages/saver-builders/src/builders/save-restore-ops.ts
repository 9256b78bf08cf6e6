import type { DType } from "@tfsaver/core";
import { attr, constant, type Graph, type Operation, type Output } from "@tfsaver/graph";

/** The constant inputs of a save or restore operation, made under its own name. */
function names(graph: Graph, what: NamedTensors, slicesName = "shape_and_slices"): [Output, Output] {
  return [
    constant(what.names, { graph, dtype: "string", name: "tensor_names" }),
    constant(what.slices, { graph, dtype: "string", name: slicesName }),
  ];
}

/** What is written or read: one name and slice specification per tensor. */
export interface NamedTensors {
  readonly names: readonly string[];
  readonly slices: readonly string[];
}

/** Writes tensors to the checkpoint `prefix` (`tf.raw_ops.SaveV2`). */
export function saveV2(prefix: Output, what: NamedTensors, tensors: readonly Output[]): Operation {
  const { graph } = prefix;
  return graph.withNameScope("SaveV2", (scope) =>
    graph.createOperation("SaveV2", {
      name: scope,
      inputs: [prefix, ...names(graph, what), ...tensors],
      attrs: { dtypes: attr.types(tensors.map(({ dtype }) => dtype as DType)) },
    }),
  );
}

/** Writes tensors to the V1 checkpoint file `filename` (`tf.raw_ops.SaveSlices`). */
export function saveSlices(filename: Output, what: NamedTensors, tensors: readonly Output[]): Operation {
  const { graph } = filename;
  return graph.withNameScope("save", (scope) =>
    graph.createOperation("SaveSlices", {
      name: scope,
      inputs: [filename, ...names(graph, what, "shapes_and_slices"), ...tensors],
      attrs: { T: attr.types(tensors.map(({ dtype }) => dtype as DType)) },
    }),
  );
}

/** Reads tensors from the checkpoint `prefix` (`tf.raw_ops.RestoreV2`). */
export function restoreV2(prefix: Output, what: NamedTensors, dtypes: readonly DType[]): readonly Output[] {
  const { graph } = prefix;
  return graph.withNameScope("RestoreV2", (scope) =>
    graph.createOperation("RestoreV2", {
      name: scope,
      inputs: [prefix, ...names(graph, what)],
      attrs: { dtypes: attr.types(dtypes) },
    }),
  ).outputs;
}

/** A tensor under another shape (`tf.reshape`). */
export function reshape(tensor: Output, shape: Output | readonly number[]): Output {
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

/** What TensorFlow notes at `Shape` operations as their full type: a product of one shape tensor of int32. */
const SHAPE_FULL_TYPE = Uint8Array.of(8, 3, 18, 8, 8, 237, 7, 18, 3, 8, 207, 1);

/** The shape of a tensor when the graph runs (`tf.shape`). */
export function shapeOf(tensor: Output): Output {
  const op = tensor.graph.createOperation("Shape", {
    inputs: [tensor],
    attrs: { T: attr.type(tensor.dtype as DType), out_type: attr.type("int32") },
  });
  op.preserved = { experimentalType: SHAPE_FULL_TYPE };
  return op.outputs[0] as Output;
}
