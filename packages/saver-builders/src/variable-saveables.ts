import { type DType, isFullyDefined } from "@tfsaver/core";
import { attr, identity, type Operation, type Output } from "@tfsaver/graph";
import { reshape } from "./op-wrappers.js";
import { SaveableObject, specOf } from "./saveable-object.js";

/** Saves a reference variable and assigns to it (`ReferenceVariableSaveable`). */
export class ReferenceVariableSaveable extends SaveableObject {
  constructor(
    private readonly variable: Output,
    name: string,
  ) {
    super(variable, [specOf(variable, "", name)], name);
  }

  override restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation {
    const { variable } = this;
    const [tensor] = reshaped(restoredTensors, restoredShapes);
    const validate = restoredShapes === undefined && isFullyDefined(variable.shape);
    return variable.graph.withColocation(variable.op, () =>
      variable.graph.createOperation("Assign", {
        inputs: [variable, tensor],
        attrs: {
          T: attr.type(variable.dtype as DType),
          use_locking: attr.bool(true),
          validate_shape: attr.bool(validate),
        },
      }),
    );
  }
}

/** Saves a resource variable through one of its reads, and assigns to it (`ResourceVariableSaveable`). */
export class ResourceVariableSaveable extends SaveableObject {
  private readonly handle: Output;

  /** @param read - the output of a `ReadVariableOp` of the variable */
  constructor(
    private readonly read: Output,
    name: string,
  ) {
    const handle = read.op.inputs[0] as Output;
    super(read, [specOf(read, "", name)], name);
    this.handle = handle;
  }

  override restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation {
    const { graph } = this.handle;
    const [tensor] = reshaped(restoredTensors, restoredShapes);
    return graph.withDevice(this.handle.device, () =>
      graph.createOperation("AssignVariableOp", {
        inputs: [this.handle, identity(tensor)],
        attrs: { dtype: attr.type(this.read.dtype as DType) },
      }),
    );
  }
}

function reshaped(
  tensors: readonly Output[],
  shapes: readonly (Output | readonly number[])[] | undefined,
): readonly [Output] {
  const tensor = tensors[0] as Output;
  const shape = shapes?.[0];
  return [shape === undefined ? tensor : reshape(tensor, shape)];
}
