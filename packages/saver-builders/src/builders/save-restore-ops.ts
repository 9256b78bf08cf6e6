import type { DType } from "@tfsaver/core";
import { attr, constant, type Graph, type Operation, type Output } from "@tfsaver/graph";

/** Adds the constant inputs of a save or restore operation, inside its name scope. */
function nameInputs(graph: Graph, what: NamedTensors, slicesName = "shape_and_slices"): [Output, Output] {
  return [
    constant(what.names, { graph, dtype: "string", name: "tensor_names" }),
    constant(what.slices, { graph, dtype: "string", name: slicesName }),
  ];
}

/** The tensors to write or read: one name and one slice spec each. */
export interface NamedTensors {
  readonly names: readonly string[];
  /** `shape_and_slice` texts; `""` for a whole tensor. */
  readonly slices: readonly string[];
}

/**
 * Adds the operation that writes tensors to the checkpoint `prefix` (`tf.raw_ops.SaveV2`).
 *
 * @example
 * ```ts
 * import { constant, Graph } from "@tfsaver/graph";
 * import { saveV2 } from "@tfsaver/saver-builders";
 *
 * const graph = new Graph();
 * const prefix = constant("model", { graph });
 * const save = saveV2(prefix, { names: ["x"], slices: [""] }, [constant([1, 2], { graph })]);
 * console.log(save.name); // SaveV2
 * ```
 */
export function saveV2(prefix: Output, what: NamedTensors, tensors: readonly Output[]): Operation {
  const { graph } = prefix;
  return graph.withNameScope("SaveV2", (scope) =>
    graph.createOperation("SaveV2", {
      name: scope,
      inputs: [prefix, ...nameInputs(graph, what), ...tensors],
      attrs: { dtypes: attr.types(tensors.map(({ dtype }) => dtype as DType)) },
    }),
  );
}

/** Adds the operation that writes tensors to the V1 checkpoint file `filename` (`tf.raw_ops.SaveSlices`). */
export function saveSlices(filename: Output, what: NamedTensors, tensors: readonly Output[]): Operation {
  const { graph } = filename;
  return graph.withNameScope("save", (scope) =>
    graph.createOperation("SaveSlices", {
      name: scope,
      inputs: [filename, ...nameInputs(graph, what, "shapes_and_slices"), ...tensors],
      attrs: { T: attr.types(tensors.map(({ dtype }) => dtype as DType)) },
    }),
  );
}

/**
 * Adds the operation that reads tensors from the checkpoint `prefix` (`tf.raw_ops.RestoreV2`).
 *
 * @example
 * ```ts
 * import { constant, Graph } from "@tfsaver/graph";
 * import { restoreV2 } from "@tfsaver/saver-builders";
 *
 * const prefix = constant("model", { graph: new Graph() });
 * const [x] = restoreV2(prefix, { names: ["x"], slices: [""] }, ["float32"]);
 * console.log(x?.dtype); // float32
 * ```
 */
export function restoreV2(prefix: Output, what: NamedTensors, dtypes: readonly DType[]): readonly Output[] {
  const { graph } = prefix;
  return graph.withNameScope("RestoreV2", (scope) =>
    graph.createOperation("RestoreV2", {
      name: scope,
      inputs: [prefix, ...nameInputs(graph, what)],
      attrs: { dtypes: attr.types(dtypes) },
    }),
  ).outputs;
}
