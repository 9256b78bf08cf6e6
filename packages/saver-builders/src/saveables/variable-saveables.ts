import { type DType, formatShapeAndSlice, isFullyDefined } from "@tfsaver/core";
import { attr, identity, mergeDevices, type Operation, type Output, type Variable } from "@tfsaver/graph";
import type { SaveSliceInfoDef } from "@tfsaver/proto/graph";
import { reshaped } from "./reshape-ops.js";
import { SaveableObject, type SaveSpec, specOf } from "./saveable-object.js";

/** Types of the operations that return a reference to a variable. */
export const REFERENCE_OPS: ReadonlySet<string> = new Set(["Variable", "VariableV2", "AutoReloadVariable"]);

/** Saves and restores a reference variable (`ReferenceVariableSaveable`). */
export class ReferenceVariableSaveable extends SaveableObject {
  constructor(
    private readonly variable: Output,
    name: string,
    spec: SaveSpec = specOf(variable, "", name),
  ) {
    super(variable, [spec], name);
  }

  /** Makes the saveable of a slice. It is saved through its read, under the name of the whole variable. */
  static ofSlice(slice: Variable, info: SaveSliceInfoDef, name: string): ReferenceVariableSaveable {
    return new ReferenceVariableSaveable(slice.handle, name, specOf(slice.snapshot, sliceSpecOf(info), name));
  }

  override restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation {
    const { variable } = this;
    const tensor = reshaped(restoredTensors[0] as Output, restoredShapes?.[0]);
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

/** Saves a resource variable through one of its reads, and restores it (`ResourceVariableSaveable`). */
export class ResourceVariableSaveable extends SaveableObject {
  private constructor(
    source: unknown,
    private readonly handle: Output,
    private readonly spec: SaveSpec,
  ) {
    super(source, [spec], spec.name);
  }

  /**
   * Makes the saveable of a whole variable.
   *
   * @param read - the output of a `ReadVariableOp` of the variable
   */
  static ofRead(read: Output, name: string): ResourceVariableSaveable {
    return new ResourceVariableSaveable(read, read.op.inputs[0] as Output, specOf(read, "", name));
  }

  /** Makes the saveable of a slice. It is read anew on its device and copied to the CPU of that device. */
  static ofSlice(slice: Variable, info: SaveSliceInfoDef, name: string): ResourceVariableSaveable {
    const { handle, dtype, device } = slice;
    const tensor = () => readOnCpu(slice);
    return new ResourceVariableSaveable(handle, handle, { tensor, sliceSpec: sliceSpecOf(info), name, dtype, device });
  }

  override restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation {
    const { graph } = this.handle;
    const tensor = reshaped(restoredTensors[0] as Output, restoredShapes?.[0]);
    // As in TensorFlow, the device of the read, which can be another one than the variable's.
    return graph.withDevice(this.spec.device, () =>
      graph.createOperation("AssignVariableOp", {
        inputs: [this.handle, identity(tensor)],
        attrs: { dtype: attr.type(this.spec.dtype) },
      }),
    );
  }
}

function readOnCpu({ graph, handle, device, dtype }: Variable): Output {
  const value = graph.withDevice(device, () =>
    identity(
      graph.withNameScope("Read", () => {
        graph.createOperation("DisableCopyOnRead", { inputs: [handle] });
        const read = graph.createOperation("ReadVariableOp", { inputs: [handle], attrs: { dtype: attr.type(dtype) } });
        return read.outputs[0] as Output;
      }),
    ),
  );
  return graph.withDevice(mergeDevices(device, "/device:CPU:0"), () => identity(value));
}

/** Prints the slice spec of a part, with every dimension in numbers. */
function sliceSpecOf({ fullShape, varOffset, varShape }: SaveSliceInfoDef): string {
  const slice = varOffset.map((start, d) => ({ start, length: varShape[d] as number }));
  return formatShapeAndSlice({ shape: fullShape, slice });
}
