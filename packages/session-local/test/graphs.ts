import { type DType, makeTensor, type PartialShape, type Tensor, type TensorLike, toTensor } from "@tfsaver/core";
import { attr, constant, type Graph, type Operation, Output } from "@tfsaver/graph";

const only = (op: Operation) => op.outputs[0] as Output;

/** Adds a reference variable without initializer and read. */
export function variable(graph: Graph, name: string, dtype: DType, shape: PartialShape): Output {
  return only(
    graph.createOperation("VariableV2", { name, attrs: { dtype: attr.type(dtype), shape: attr.shape(shape) } }),
  );
}

/** A handle of a resource variable. */
export function handle(graph: Graph, name: string, dtype: DType, shape: PartialShape, sharedName = name): Output {
  const attrs = { dtype: attr.type(dtype), shape: attr.shape(shape), shared_name: attr.string(sharedName) };
  return only(graph.createOperation("VarHandleOp", { name, attrs }));
}

/** Adds an operation whose inputs all have the dtype of its attribute `T`. */
export function operation(type: string, name: string, inputs: readonly Output[], attrs = {}): Operation {
  const [first] = inputs as readonly [Output];
  const dtype = inputs.find((input) => input.dtype !== "resource")?.dtype ?? "float32";
  const key = first.dtype === "resource" || type === "IsVariableInitialized" ? "dtype" : "T";
  return first.graph.createOperation(type, { name, inputs, attrs: { [key]: attr.type(dtype), ...attrs } });
}

export function read(graph: Graph, of: Output, dtype: DType, name: string): Output {
  return only(graph.createOperation("ReadVariableOp", { name, inputs: [of], attrs: { dtype: attr.type(dtype) } }));
}

/** `value` as an output of the graph. */
export function asOutput(graph: Graph, value: TensorLike | Output, dtype?: DType): Output {
  return value instanceof Output ? value : constant(toTensor(value, dtype), { graph });
}

export function assign(ref: Output, value: TensorLike | Output, name = "Assign", validate = true): Operation {
  const inputs = [ref, asOutput(ref.graph, value, ref.dtype)];
  return operation("Assign", name, inputs, { validate_shape: attr.bool(validate) });
}

/** Adds a save and a restore operation for tensors by name. */
export function saveOp(graph: Graph, tensors: Readonly<Record<string, Output>>, specs?: readonly string[]): Operation {
  const names = Object.keys(tensors);
  const inputs = [
    constant("unnamed", { graph, name: "prefix" }),
    constant(toTensor(names, "string", [names.length]), { graph }),
    constant(toTensor(specs ?? names.map(() => ""), "string", [names.length]), { graph }),
    ...Object.values(tensors),
  ];
  const dtypes = attr.types(Object.values(tensors).map(({ dtype }) => dtype as DType));
  return graph.createOperation("SaveV2", { name: "save", inputs, attrs: { dtypes } });
}

export function restoreOp(graph: Graph, dtypes: Readonly<Record<string, DType>>, specs?: readonly string[]): Operation {
  return restoreOpOf(graph, Object.keys(dtypes), Object.values(dtypes), specs);
}

export function restoreOpOf(
  graph: Graph,
  names: readonly string[],
  dtypes: readonly DType[],
  specs: readonly string[] = names.map(() => ""),
): Operation {
  const inputs = [
    constant("unnamed", { graph, name: "restore_prefix" }),
    constant(toTensor(names, "string", [names.length]), { graph }),
    constant(toTensor(specs, "string", [specs.length]), { graph }),
  ];
  return graph.createOperation("RestoreV2", { name: "restore", inputs, attrs: { dtypes: attr.types(dtypes) } });
}

/** A float32 vector. */
export function floats(...values: number[]): Tensor {
  return makeTensor("float32", [values.length], Float32Array.from(values));
}
