import { type DType, type PartialShape, type TensorLike, toTensor } from "@tfsaver/core";
import { attr } from "../model/attributes.js";
import { getDefaultGraph } from "../model/default-graph.js";
import type { Graph } from "../model/graph.js";
import type { Operation, Output } from "../model/operation.js";
import { tensorToProto } from "../model/tensor-proto.js";

/** Where and under which name a new operation goes. */
export interface OpOptions {
  /** Default: the inputs' graph, or the default graph. */
  readonly graph?: Graph | undefined;
  /** Made unique within the scopes around. */
  readonly name?: string | undefined;
}

function only(op: Operation): Output {
  return op.outputs[0] as Output;
}

/** A value that is part of the graph (`tf.constant`). */
export function constant(value: TensorLike, options: OpOptions & { readonly dtype?: DType } = {}): Output {
  const tensor = toTensor(value, options.dtype);
  const graph = options.graph ?? getDefaultGraph();
  return only(
    graph.createOperation("Const", {
      name: options.name,
      attrs: { dtype: attr.type(tensor.dtype), value: attr.tensor(tensorToProto(tensor)) },
    }),
  );
}

/** A value that must be fed (`tf.compat.v1.placeholder`). */
export function placeholder(dtype: DType, options: OpOptions & { readonly shape?: PartialShape } = {}): Output {
  const graph = options.graph ?? getDefaultGraph();
  const attrs = { dtype: attr.type(dtype), shape: attr.shape(options.shape) };
  return only(graph.createOperation("Placeholder", { name: options.name, attrs }));
}

/** A value that may be fed instead of `input` (`tf.compat.v1.placeholder_with_default`). */
export function placeholderWithDefault(input: Output, shape: PartialShape, options: OpOptions = {}): Output {
  const attrs = { dtype: attr.type(input.dtype as DType), shape: attr.shape(shape) };
  return only(input.graph.createOperation("PlaceholderWithDefault", { name: options.name, inputs: [input], attrs }));
}

/** The same value again (`tf.identity`). */
export function identity(input: Output, options: OpOptions = {}): Output {
  const attrs = { T: attr.type(input.dtype as DType) };
  return only(input.graph.createOperation("Identity", { name: options.name, inputs: [input], attrs }));
}

/** The values in another dtype (`tf.cast`); the input itself if it has that dtype. */
export function cast(input: Output, dtype: DType, options: OpOptions = {}): Output {
  if (input.dtype === dtype) return input;
  const attrs = { SrcT: attr.type(input.dtype as DType), DstT: attr.type(dtype) };
  return only(input.graph.createOperation("Cast", { name: options.name, inputs: [input], attrs }));
}

/** `output`, once `before` has run (TensorFlow's `with_dependencies`). */
export function withDependencies(before: readonly Operation[], output: Output, name = "control_dependency"): Output {
  const { graph } = output;
  return graph.withNameScope(name, (scope) =>
    graph.withColocation(output.op, () =>
      graph.withControlDependencies(before, () => identity(output, { name: scope })),
    ),
  );
}

/**
 * An operation that is done once all of `ops` are (`tf.group`). If they are on several devices, they are gathered on
 * each device first.
 */
export function group(ops: readonly Operation[], options: OpOptions = {}): Operation {
  const graph = options.graph ?? ops[0]?.graph ?? getDefaultGraph();
  return graph.withNameScope(options.name ?? "group_deps", (scope) => {
    const byDevice = new Map<string, Operation[]>();
    for (const op of ops) {
      const members = byDevice.get(op.device);
      if (members === undefined) byDevice.set(op.device, [op]);
      else members.push(op);
    }
    const after = (before: readonly Operation[], device: string, name?: string) =>
      graph.withControlDependencies(before, () => {
        const noOp = () => graph.createOperation("NoOp", { name });
        return device === "" ? noOp() : graph.withDevice(device, noOp);
      });
    const [first, ...others] = [...byDevice].sort(([a], [b]) => (a < b ? -1 : 1));
    if (first === undefined) return after([], "", scope);
    if (others.length === 0) return after(first[1], first[0], scope);
    return after(
      [first, ...others].map(([device, members]) => after(members, device)),
      "",
      scope,
    );
  });
}
