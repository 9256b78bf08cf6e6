import { OBJECT_GRAPH_KEY, objectGraphKeyMapping, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatShape, isFullyDefined, numElements, type PartialShape, shapesCompatible } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import type { RestoreTarget, TargetTensor } from "../access/restore-targets.js";

/** A tensor that the checkpoint holds with another dtype or shape. */
export interface MismatchedTensor {
  readonly name: string;
  /** Dtype and shape of the variable, such as `float32 [2,3]`. */
  readonly expected: string;
  /** Dtype and shape in the checkpoint. */
  readonly found: string;
}

/** Tells which names a restore with `match: "intersect"` covered. All lists are sorted. */
export interface RestoreReport {
  readonly restored: readonly string[];
  /** Names of the saver that are not in the checkpoint. */
  readonly missing: readonly string[];
  readonly mismatched: readonly MismatchedTensor[];
  /** Names in the checkpoint that were not restored. */
  readonly unused: readonly string[];
}

/** The targets that fit a checkpoint. */
export interface CheckpointMatch<T extends RestoreTarget> {
  readonly report: RestoreReport;
  /** Targets that can be restored. */
  readonly targets: readonly T[];
  /** Keys in the checkpoint, by the saver's names, of what can be restored. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Finds the targets that fit a checkpoint. For an object-based one, also by the names that its variables had. */
export async function matchCheckpoint<T extends RestoreTarget>(
  targets: readonly T[],
  path: string,
  { storage, reshape }: { readonly storage: Storage; readonly reshape: boolean },
): Promise<CheckpointMatch<T>> {
  const { stored, keysByName } = await contentOf(path, storage);
  const missing = new Set<string>();
  const mismatched = new Map<string, MismatchedTensor>();
  const keyOf = (name: string) => (stored.has(name) ? name : (keysByName?.get(name) ?? name));
  const doesFit = (tensor: TargetTensor): boolean => {
    const info = stored.get(keyOf(tensor.name));
    const misfit = info && describeMisfit(tensor, info, reshape);
    if (info === undefined) missing.add(tensor.name);
    else if (misfit !== undefined) mismatched.set(tensor.name, misfit);
    return info !== undefined && misfit === undefined;
  };
  const fitting = targets.filter(({ tensors }) => tensors.map(doesFit).every(Boolean));
  const names = new Set(fitting.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
  const keys = new Map([...names].map((name) => [name, keyOf(name)]));
  const used = new Set(keys.values());
  return {
    targets: fitting,
    keys,
    report: {
      restored: [...names].sort(),
      missing: [...missing].sort(),
      mismatched: [...mismatched.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      unused: [...stored.keys()].filter((name) => !used.has(name) && name !== OBJECT_GRAPH_KEY).sort(),
    },
  };
}

/** Lists the tensors of a checkpoint by name and, for an object-based one, the keys of its variables. */
export async function contentOf(path: string, storage: Storage) {
  const reader = await openCheckpoint(path, { storage });
  try {
    const stored = new Map<string, TensorInfo>();
    for await (const info of reader.tensors()) stored.set(info.name, info);
    return { stored, keysByName: await objectGraphKeyMapping(reader) };
  } finally {
    await reader.close();
  }
}

function describeMisfit(
  { name, dtype, shape, sliceSpec }: TargetTensor,
  info: TensorInfo,
  reshape: boolean,
): MismatchedTensor | undefined {
  if (dtype === info.dtype && fits(shape, info.shape, reshape && sliceSpec === "")) return undefined;
  return {
    name,
    expected: `${dtype} ${formatShape(shape)}`,
    found: `${info.dtype} ${formatShape(info.shape)}`,
  };
}

function fits(shape: PartialShape, stored: readonly number[], reshape: boolean): boolean {
  if (reshape && isFullyDefined(shape)) return numElements(shape) === numElements(stored);
  return shapesCompatible(shape, stored);
}
