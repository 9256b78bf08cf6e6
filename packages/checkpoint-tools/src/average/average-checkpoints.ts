import { type CheckpointReader, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatShape, shapesEqual, ValueError } from "@tfsaver/core";
import { canonicalPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type Converted, convertCheckpoint, type WriteOptions } from "../convert/convert-checkpoint.js";
import { requireWritable } from "../convert/require-writable.js";
import { selectTensors } from "../select/select-tensors.js";
import { isFloating } from "../values/from-numbers.js";
import { printable } from "../values/printable.js";
import { AveragedTensors, type Weighted } from "./averaged-tensors.js";

/** Maximum number of tensors in a message. */
const SHOWN = 3;

/** Options of {@link averageCheckpoints}. */
export interface AverageOptions extends WriteOptions {
  /** The weight of each source, from 0 on; they need not add up to 1. Default: all the same. */
  readonly weights?: readonly number[] | undefined;
  /** Names and patterns of the tensors to average; all others are those of the newest source. Default: all tensors. */
  readonly names?: readonly string[] | undefined;
  /** Checks everything, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** Result of {@link averageCheckpoints}. */
export interface Averaged extends Converted {
  /** Number of tensors that are averages. */
  readonly averaged: number;
}

/**
 * Writes the average of checkpoints as a new one. Floating-point and complex tensors are averaged in `float64`, and rounded to
 * their dtype; all others, such as steps and strings, are those of the newest source. Its slices stay. Reads all sources
 * together, in pieces, so it needs little memory.
 *
 * @param sources - the oldest first, the newest last; each as `resolveCheckpoint` returns it
 * @param destination - the new prefix
 * @throws `ValueError` if there is no source, the destination is a source or exists, a source lacks a tensor or has it with
 * another dtype or shape, or the weights don't fit; `NotFoundError` if a name selects nothing; the errors of reading and of the
 * storage. Nothing is left at the destination then.
 *
 * @example
 * ```ts
 * import { averageCheckpoints, exponentialWeights } from "@tfsaver/checkpoint-tools";
 *
 * const sources = ["run/model.ckpt-5", "run/model.ckpt-6", "run/model.ckpt-7"];
 * await averageCheckpoints(sources, "run/mean");
 * await averageCheckpoints(sources, "run/ema", { weights: exponentialWeights(sources.length, 0.9) });
 * ```
 */
export async function averageCheckpoints(
  sources: readonly string[],
  destination: string,
  options: AverageOptions = {},
): Promise<Averaged> {
  const { storage = defaultStorage(), signal, names, shards = 1 } = options;
  const weights = requireWeights(options.weights ?? sources.map(() => 1), sources.length);
  await requireNoSource(sources, destination, storage);
  const readers: Weighted[] = [];
  try {
    for (const [i, source] of sources.entries()) {
      const reader = await openCheckpoint(source, { storage, signal });
      readers.push({ reader, weight: weights[i] as number });
    }
    const { reader: newest } = readers.at(-1) as Weighted;
    const selected = await selectTensors(newest, names, { signal });
    const averaged = selected.filter(({ dtype }) => isFloating(dtype));
    for (const { reader } of readers.slice(0, -1)) await requireSame(averaged, reader, newest.prefix);
    if (options.dryRun) {
      await requireWritable(destination, storage);
      const tensors = (await selectTensors(newest, [], { signal })).length;
      return { prefix: destination, tensors, shards, averaged: averaged.length };
    }
    const source = new AveragedTensors(readers, new Set(averaged.map(({ name }) => name)));
    const written = await convertCheckpoint(source, destination, { ...options, storage });
    return { ...written, averaged: averaged.length };
  } finally {
    for (const { reader } of readers) await reader.close();
  }
}

/**
 * Returns the weights of an exponential moving average that starts with the oldest checkpoint, and to which each later one
 * contributes `1 - decay`.
 *
 * @param count - number of checkpoints
 * @param decay - from 0, only the newest counts, to below 1
 * @throws `ValueError` if `decay` is not in that range.
 *
 * @example
 * ```ts
 * import { exponentialWeights } from "@tfsaver/checkpoint-tools";
 *
 * console.log(exponentialWeights(3, 0.5)); // [ 0.25, 0.25, 0.5 ]
 * ```
 */
export function exponentialWeights(count: number, decay: number): number[] {
  if (!(decay >= 0 && decay < 1)) throw new ValueError(`decay must be a number from 0 to below 1, not ${decay}`);
  return Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 1 - decay) * decay ** (count - 1 - i));
}

function requireWeights(weights: readonly number[], count: number): readonly number[] {
  if (count === 0) throw new ValueError("There is nothing to average: give one checkpoint at least");
  if (weights.length !== count) {
    throw new ValueError(`${weights.length} weights for ${count} checkpoints: give one for each`);
  }
  const wrong = weights.find((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) throw new ValueError(`A weight must be a number from 0 on, not ${wrong}`);
  if (weights.every((weight) => weight === 0)) throw new ValueError("All weights are 0: one must be greater");
  return weights;
}

async function requireNoSource(sources: readonly string[], destination: string, storage: Storage): Promise<void> {
  const place = await canonicalPath(storage, destination);
  for (const source of sources) {
    if ((await canonicalPath(storage, source)) !== place) continue;
    throw new ValueError(`${destination} is one of the checkpoints to average: choose another prefix to write to`, {
      path: destination,
    });
  }
}

/** Makes sure that a source has tensors with the dtypes and shapes that the newest one has. */
async function requireSame(tensors: readonly TensorInfo[], reader: CheckpointReader, newest: string): Promise<void> {
  const found = await reader.infos(tensors.map(({ name }) => name));
  const problems = tensors.flatMap(({ name, dtype, shape }, i) => {
    const other = found[i];
    if (other === undefined) return [`it lacks ${printable(name)}`];
    if (other.dtype === dtype && shapesEqual(other.shape, shape)) return [];
    const [there, here] = [other, { dtype, shape }].map((one) => `${one.dtype} ${formatShape(one.shape)}`);
    return [`its ${printable(name)} is ${there}, not ${here}`];
  });
  if (problems.length === 0) return;
  const rest = problems.length > SHOWN ? `, and ${problems.length - SHOWN} more` : "";
  throw new ValueError(
    `${reader.prefix} can't be averaged with ${newest}: ${problems.slice(0, SHOWN).join(", ")}${rest}. ` +
      "Leave it out, or select the tensors to average",
    { path: reader.prefix },
  );
}
