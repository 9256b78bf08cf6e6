import { OBJECT_GRAPH_KEY, objectGraphKeyMapping, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatShape, isFullyDefined, numElements, type PartialShape, shapesCompatible } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import type { RestoreTarget, TargetTensor } from "./restore-targets.js";

/** A tensor that a checkpoint has, but of another dtype or shape. */
export interface MismatchedTensor {
  readonly name: string;
  /** What the variable is, as in `float32 [2,3]`. */
  readonly expected: string;
  /** What the checkpoint has. */
  readonly found: string;
}

/** What became of each name when a checkpoint was restored as far as it fits. All names are sorted. */
export interface RestoreReport {
  readonly restored: readonly string[];
  /** Of the saver, but not in the checkpoint. */
  readonly missing: readonly string[];
  readonly mismatched: readonly MismatchedTensor[];
  /** In the checkpoint, but not restored. */
  readonly unused: readonly string[];
}

/** What of some targets a checkpoint has. */
export interface Intersection<T extends RestoreTarget> {
  readonly report: RestoreReport;
  /** Those that can be restored. */
  readonly targets: readonly T[];
  /** The checkpoint's keys of what can be restored, by the saver's names. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Finds out what of some targets fits a checkpoint. An object-based one is understood by its variables' names too. */
export async function intersect<T extends RestoreTarget>(
  targets: readonly T[],
  path: string,
  { storage, reshape }: { readonly storage: Storage; readonly reshape: boolean },
): Promise<Intersection<T>> {
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

async function contentOf(path: string, storage: Storage) {
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
