import { OBJECT_GRAPH_KEY, objectGraphKeyMapping, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatShape, isFullyDefined, numElements, type PartialShape, parseShapeAndSlice } from "@tfsaver/core";
import { Output } from "@tfsaver/graph";
import type { SaveableObject, SaveSpec } from "@tfsaver/saver-builders";
import type { Storage } from "@tfsaver/storage";

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

/** What of some saveables a checkpoint has. */
export interface Intersection {
  readonly report: RestoreReport;
  /** The checkpoint's keys of what can be restored, by the saver's names. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Finds out what of some saveables fits a checkpoint. An object-based one is understood by its variables' names too. */
export async function intersect(
  saveables: readonly SaveableObject[],
  path: string,
  { storage, reshape }: { readonly storage: Storage; readonly reshape: boolean },
): Promise<Intersection> {
  const { stored, keysByName } = await contentOf(path, storage);
  const missing = new Set<string>();
  const mismatched = new Map<string, MismatchedTensor>();
  const keys = new Map<string, string>();
  for (const { specs } of saveables) {
    const found = specs.map((spec) => {
      const key = stored.has(spec.name) ? spec.name : keysByName?.get(spec.name);
      const info = key === undefined ? undefined : stored.get(key);
      const misfit = info && describeMisfit(spec, info, reshape);
      if (info === undefined) missing.add(spec.name);
      else if (misfit !== undefined) mismatched.set(spec.name, misfit);
      return info === undefined || misfit !== undefined ? [] : [[spec.name, info.name] as const];
    });
    // Of something with several tensors, all are restored or none.
    if (found.every(({ length }) => length > 0)) for (const [entry] of found) if (entry) keys.set(entry[0], entry[1]);
  }
  for (const name of mismatched.keys()) keys.delete(name);
  const used = new Set(keys.values());
  return {
    keys,
    report: {
      restored: [...keys.keys()].sort(),
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

function describeMisfit(spec: SaveSpec, info: TensorInfo, reshape: boolean): MismatchedTensor | undefined {
  const shape = fullShape(spec);
  if (spec.dtype === info.dtype && fits(shape, info.shape, reshape && spec.sliceSpec === "")) return undefined;
  return {
    name: spec.name,
    expected: `${spec.dtype} ${formatShape(shape)}`,
    found: `${info.dtype} ${formatShape(info.shape)}`,
  };
}

/** Of a slice, the shape of the whole. */
function fullShape({ sliceSpec, tensor }: SaveSpec): PartialShape {
  if (sliceSpec !== "") return parseShapeAndSlice(sliceSpec)?.shape;
  return tensor instanceof Output ? tensor.shape : undefined;
}

function fits(shape: PartialShape, stored: readonly number[], reshape: boolean): boolean {
  if (shape === undefined) return true;
  if (reshape && isFullyDefined(shape)) return numElements(shape) === numElements(stored);
  return shape.length === stored.length && shape.every((size, i) => size < 0 || size === stored[i]);
}
