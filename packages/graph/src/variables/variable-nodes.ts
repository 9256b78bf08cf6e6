import { type DType, formatShape, isFullyDefined, shapesCompatible, type Tensor, ValueError } from "@tfsaver/core";
import { attr } from "../model/attributes.js";
import { type Graph, type Operation, Output } from "../model/graph.js";
import { constant } from "../ops/values.js";
import type { VariableOptions } from "./variable-options.js";

/** The nodes of a variable. */
export interface VariableNodes {
  /** The reference itself, or the resource's handle. */
  readonly handle: Output;
  /** Assigns the initial value. */
  readonly initializer: Operation;
  /** A read of the value. */
  readonly snapshot: Output;
  readonly initialValue: Output | undefined;
  readonly isResource: boolean;
}

/** Adds the nodes of a reference variable. */
export function addReferenceNodes(
  graph: Graph,
  scope: string,
  value: Tensor | Output,
  options: VariableOptions,
): VariableNodes {
  const initialValue = asOutput(graph, value, options);
  const dtype = dtypeOf(initialValue, options);
  const { validateShape = true } = options;
  if (validateShape && !isFullyDefined(initialValue.shape)) {
    throw new ValueError(`initial_value must have a shape specified: ${initialValue.name}`);
  }
  const shape = options.shape ?? (validateShape ? initialValue.shape : undefined);
  const op = graph.createOperation("VariableV2", {
    name: scope,
    attrs: { dtype: attr.type(dtype), shape: attr.shape(shape) },
  });
  const handle = op.outputs[0] as Output;
  return graph.withColocation(op, () => {
    const initializer = graph.createOperation("Assign", {
      name: "Assign",
      inputs: [handle, initialValue],
      attrs: {
        T: attr.type(dtype),
        use_locking: attr.bool(true),
        validate_shape: attr.bool(validateShape),
      },
    });
    const read = graph.createOperation("Identity", { name: "read", inputs: [handle], attrs: { T: attr.type(dtype) } });
    return { handle, initializer, snapshot: read.outputs[0] as Output, initialValue, isResource: false };
  });
}

/** Adds the nodes of a resource variable. */
export function addResourceNodes(
  graph: Graph,
  scope: string,
  value: Tensor | Output,
  options: VariableOptions,
): VariableNodes {
  const name = scope.slice(0, -1);
  const location = attr.strings([`loc:@${name}`]);
  const initialValue = graph.withDevice(null, () =>
    graph.withNameScope("Initializer", () => {
      const made = asOutput(graph, value, options);
      // A colocation scope has set the attribute already.
      if (!(value instanceof Output) && !made.op.attrs.has("_class")) made.op.attrs.set("_class", location);
      return made;
    }),
  );
  const dtype = dtypeOf(initialValue, options);
  const op = graph.createOperation("VarHandleOp", {
    name: scope,
    attrs: {
      dtype: attr.type(dtype),
      shape: attr.shape(options.shape ?? initialValue.shape),
      shared_name: attr.string(name),
      debug_name: attr.string(scope),
      _class: location,
    },
  });
  const handle = op.outputs[0] as Output;
  graph.withNameScope("IsInitialized", () => graph.createOperation("VarIsInitializedOp", { inputs: [handle] }));
  const initializer = graph.withColocation(null, () =>
    graph.withDevice(op.device, () =>
      graph.createOperation("AssignVariableOp", {
        name: "Assign",
        inputs: [handle, initialValue],
        attrs: { dtype: attr.type(dtype) },
      }),
    ),
  );
  const snapshot = graph.withNameScope("Read", () =>
    graph.withDevice(op.device, () =>
      graph.createOperation("ReadVariableOp", { inputs: [handle], attrs: { dtype: attr.type(dtype) } }),
    ),
  );
  return { handle, initializer, snapshot: snapshot.outputs[0] as Output, initialValue, isResource: true };
}

function asOutput(graph: Graph, value: Tensor | Output, options: VariableOptions): Output {
  if (!(value instanceof Output)) return constant(value, { graph, name: "initial_value" });
  const { shape, name } = value;
  if (value.graph !== graph) throw new ValueError(`The initial value ${name} belongs to another graph`);
  if (options.shape !== undefined && !shapesCompatible(shape, options.shape)) {
    throw new ValueError(
      `The initial value ${name} has shape ${formatShape(shape)}, not ${formatShape(options.shape)}`,
    );
  }
  return value;
}

function dtypeOf({ dtype, name }: Output, options: VariableOptions): DType {
  const wanted = options.dtype ?? dtype;
  if (wanted === undefined)
    throw new ValueError(`The dtype of the initial value ${name} is unknown; pass the option dtype`);
  if (dtype !== undefined && dtype !== wanted) {
    throw new ValueError(`The initial value ${name} has dtype ${dtype}, not ${wanted}`);
  }
  return wanted;
}
