import { openCheckpoint, type TensorInfo, type TensorSource } from "@tfsaver/checkpoint-reader";
import {
  contentSize,
  type DType,
  isCheckpointError,
  isNumeric,
  type OperationOptions,
  type Shape,
  shapesEqual,
  type Tensor,
  ValueError,
} from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { digestOf } from "../digest.js";
import { lockstep } from "../lockstep.js";
import { PieceProgress } from "../piece-progress.js";
import { selectTensors } from "../select/select-tensors.js";
import { hasNumbers } from "../values/numbers.js";
import { findRenamed, type RenamedTensor } from "./find-renamed.js";
import { type Tolerance, ValueComparison, type ValueDifference } from "./value-difference.js";

/** Options of {@link diffCheckpoints}. */
export interface DiffOptions extends OperationOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Names and patterns of tensors, as `selectTensors` takes them. Default: all tensors. */
  readonly names?: readonly string[] | undefined;
  /** Absolute difference up to which numbers are equal. Default: 0. */
  readonly atol?: number | undefined;
  /** The same, as a share of the number in the second checkpoint. Both are added up. Default: 0. */
  readonly rtol?: number | undefined;
  /**
   * Compare values. Default: true. If false, only names, dtypes and shapes count, so no tensor is read and no renamed one is
   * found: `changed` has no `values`, and a tensor is unchanged if its dtype and shape are.
   */
  readonly values?: boolean | undefined;
  /** Called with a tensor that is damaged, which is then in none of the lists. Default: its error is thrown. */
  readonly onDamaged?: ((name: string, error: Error) => void) | undefined;
}

/** A tensor that only one of the checkpoints has. */
export type UnpairedTensor = Pick<TensorInfo, "name" | "dtype" | "shape">;

/** A tensor that differs. What is undefined is the same in both. */
export interface ChangedTensor {
  readonly name: string;
  readonly dtypes: readonly [DType, DType] | undefined;
  readonly shapes: readonly [Shape, Shape] | undefined;
  /** Also undefined if the values can't be compared, because the shapes differ, or only one is made of numbers. */
  readonly values: ValueDifference | undefined;
}

/** Result of {@link diffCheckpoints}. Each list is in the order of the names. */
export interface CheckpointDifference {
  /** True if there is no difference at all. */
  readonly equal: boolean;
  /** Tensors of the second checkpoint only. */
  readonly added: readonly UnpairedTensor[];
  /** Tensors of the first checkpoint only. */
  readonly removed: readonly UnpairedTensor[];
  /** Tensors with the same dtype, shape and content under another name. They are not listed above. */
  readonly renamed: readonly RenamedTensor[];
  readonly changed: readonly ChangedTensor[];
  /** Number of tensors that are equal. */
  readonly unchanged: number;
}

/**
 * Compares two checkpoints of any format: their names, dtypes, shapes and values. NaN equals NaN, and 0 equals -0. Reads tensors
 * in pieces, so it needs little memory, and verifies every checksum.
 *
 * @param a - the first checkpoint, as `resolveCheckpoint` returns it; or an open source of tensors, such as a reader or a file
 * that a function of `@tfsaver/interchange` has opened. It is not closed
 * @param b - the second one
 * @throws `ValueError` if a tolerance is not a number from 0 on; `NotFoundError` if a name selects nothing in either; the errors
 * of `openCheckpoint`; `DataLossError` at the first damaged tensor, unless `onDamaged` gets it.
 *
 * @example
 * ```ts
 * import { diffCheckpoints } from "@tfsaver/checkpoint-tools";
 *
 * const { equal, changed } = await diffCheckpoints("run/model.ckpt-6", "run/model.ckpt-7", { rtol: 1e-6 });
 * if (!equal) for (const { name, values } of changed) console.log(name, values?.largest);
 * ```
 */
export async function diffCheckpoints(
  a: string | TensorSource,
  b: string | TensorSource,
  options: DiffOptions = {},
): Promise<CheckpointDifference> {
  const tolerance = { atol: requireTolerance("atol", options.atol), rtol: requireTolerance("rtol", options.rtol) };
  return withSource(a, options, (before) =>
    withSource(b, options, (after) => diffSources(before, after, tolerance, options)),
  );
}

/** Opens a checkpoint for as long as it is used. A source that is open stays so. */
async function withSource<T>(
  source: string | TensorSource,
  options: Pick<DiffOptions, "storage" | "signal">,
  use: (source: TensorSource) => Promise<T>,
): Promise<T> {
  if (typeof source !== "string") return use(source);
  const reader = await openCheckpoint(source, options);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** Stands for the result of reading a tensor that is damaged. */
const DAMAGED = Symbol("damaged");

function requireTolerance(name: string, value = 0): number {
  if (typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new ValueError(`${name} must be a number from 0 on, not ${value}`);
}

async function diffSources(
  before: TensorSource,
  after: TensorSource,
  tolerance: Tolerance,
  options: DiffOptions,
): Promise<CheckpointDifference> {
  const [old, current] = await selectInBoth(before, after, options);
  const [oldNames, newNames] = [old, current].map((infos) => new Map(infos.map((info) => [info.name, info]))) as [
    Map<string, TensorInfo>,
    Map<string, TensorInfo>,
  ];
  const withValues = options.values ?? true;
  let damaged = 0;
  const unlessDamaged = async <T>(name: string, read: () => Promise<T>): Promise<T | typeof DAMAGED> => {
    try {
      return await read();
    } catch (error) {
      // A file that ends too early is out of range.
      if (options.onDamaged === undefined || !isCheckpointError(error, "DataLossError", "OutOfRangeError")) throw error;
      damaged++;
      options.onDamaged(name, error);
      return DAMAGED;
    }
  };
  const progress = new PieceProgress(withValues ? [...old, ...current] : [], options);
  const changed: ChangedTensor[] = [];
  let unchanged = 0;
  for (const info of old) {
    const other = newNames.get(info.name);
    if (other === undefined) continue;
    const difference = withValues
      ? await unlessDamaged(info.name, () => compare(info, other, [before, after], tolerance, progress))
      : declared(info, other);
    if (difference === undefined) unchanged++;
    else if (difference !== DAMAGED) changed.push(difference);
  }
  const removed = old.filter(({ name }) => !newNames.has(name));
  const added = current.filter(({ name }) => !oldNames.has(name));
  const digested = new PieceProgress([], progress.options);
  const digest = async (info: TensorInfo, isAdded: boolean) => {
    const hex = await unlessDamaged(info.name, () => digestOf(isAdded ? after : before, info, digested));
    // Nothing has the same digest.
    return hex === DAMAGED ? `damaged ${isAdded} ${info.name}` : hex;
  };
  const renamed = withValues ? await findRenamed(removed, added, digest) : [];
  const from = new Set(renamed.map((one) => one.from));
  const to = new Set(renamed.map((one) => one.to));
  return {
    equal: changed.length + removed.length + added.length + damaged === 0,
    added: added.filter(({ name }) => !to.has(name)).map(unpaired),
    removed: removed.filter(({ name }) => !from.has(name)).map(unpaired),
    renamed,
    changed,
    unchanged,
  };
}

/** Selects tensors of both checkpoints. A name that only one of them has selects nothing in the other. */
async function selectInBoth(
  before: TensorSource,
  after: TensorSource,
  { names = [], signal }: DiffOptions,
): Promise<[TensorInfo[], TensorInfo[]]> {
  if (names.length === 0) {
    return [await selectTensors(before, [], { signal }), await selectTensors(after, [], { signal })];
  }
  const found: [Map<string, TensorInfo>, Map<string, TensorInfo>] = [new Map(), new Map()];
  for (const name of names) {
    const errors: unknown[] = [];
    for (const [i, reader] of [before, after].entries()) {
      try {
        for (const info of await selectTensors(reader, [name], { signal })) found[i]?.set(info.name, info);
      } catch (error) {
        if (!isCheckpointError(error, "NotFoundError")) throw error;
        errors.push(error);
      }
    }
    if (errors.length === 2) throw errors[0];
  }
  const inOrder = (infos: Map<string, TensorInfo>) => [...infos.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [inOrder(found[0]), inOrder(found[1])];
}

/** Compares what an index says. Undefined if that is the same. */
function declared({ name, ...a }: TensorInfo, b: TensorInfo): ChangedTensor | undefined {
  const dtypes = a.dtype === b.dtype ? undefined : ([a.dtype, b.dtype] as const);
  const shapes = shapesEqual(a.shape, b.shape) ? undefined : ([a.shape, b.shape] as const);
  return dtypes === undefined && shapes === undefined ? undefined : { name, dtypes, shapes, values: undefined };
}

async function compare(
  a: TensorInfo,
  b: TensorInfo,
  [before, after]: readonly [TensorSource, TensorSource],
  tolerance: Tolerance,
  progress: PieceProgress,
): Promise<ChangedTensor | undefined> {
  const { dtypes, shapes } = declared(a, b) ?? {};
  const areComparable = shapes === undefined && (dtypes === undefined || (hasNumbers(a.dtype) && hasNumbers(b.dtype)));
  let values: ValueDifference | undefined;
  let left = a.size + b.size;
  if (areComparable) {
    const comparison = new ValueComparison(tolerance);
    const tensors = [
      { reader: before, info: a },
      { reader: after, info: b },
    ];
    for await (const [x, y] of lockstep(tensors, progress.options)) {
      if (x !== undefined && y !== undefined) comparison.add(x, y);
      progress.add(a.name, read(x) + read(y));
      left -= read(x) + read(y);
    }
    const found = comparison.result();
    if (found.differing > 0) values = found;
  }
  progress.add(a.name, Math.max(left, 0));
  if (dtypes === undefined && shapes === undefined && values === undefined) return undefined;
  return { name: a.name, dtypes, shapes, values };
}

/** Returns the bytes of a piece; 0 for strings, whose size is counted at the end. */
function read(piece: Tensor | undefined): number {
  return piece !== undefined && isNumeric(piece.dtype) ? contentSize(piece) : 0;
}

function unpaired({ name, dtype, shape }: TensorInfo): UnpairedTensor {
  return { name, dtype, shape };
}
