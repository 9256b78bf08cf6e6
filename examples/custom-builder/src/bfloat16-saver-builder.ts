import {
  BulkSaverBuilder,
  cast,
  type DType,
  type NamedTensors,
  type Operation,
  type Output,
  restoreV2,
  type SaveableObject,
  saveV2,
  tensorOf,
} from "tfsaver";

/**
 * Builds savers that store float32 tensors as bfloat16 and restore them as float32: half the size, with three
 * significant digits. The conversion is part of the graph, so every session can run it, including TensorFlow's.
 */
export class Bfloat16SaverBuilder extends BulkSaverBuilder {
  protected override saveOp(prefix: Output, saveables: readonly SaveableObject[]): Operation {
    const tensors = saveables.flatMap(({ specs }) =>
      specs.map((spec) => {
        const tensor = tensorOf(spec);
        return cast(tensor, storedDtype(spec.dtype));
      }),
    );
    return saveV2(prefix, namesOf(saveables), tensors);
  }

  protected override bulkRestore(prefix: Output, saveables: readonly SaveableObject[]): readonly Output[] {
    const dtypes = saveables.flatMap(({ specs }) => specs.map(({ dtype }) => dtype));
    return prefix.graph.withDevice("/device:CPU:0", () => {
      const stored = restoreV2(prefix, namesOf(saveables), dtypes.map(storedDtype));
      return stored.map((tensor, i) => cast(tensor, dtypes[i] as DType));
    });
  }
}

function storedDtype(dtype: DType): DType {
  return dtype === "float32" ? "bfloat16" : dtype;
}

function namesOf(saveables: readonly SaveableObject[]): NamedTensors {
  const specs = saveables.flatMap((saveable) => saveable.specs);
  return { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
}
