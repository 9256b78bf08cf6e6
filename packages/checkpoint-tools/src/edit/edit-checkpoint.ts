import { type CheckpointReader, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { ValueError } from "@tfsaver/core";
import { maxSliceElements } from "@tfsaver/saved-tensor-slices";
import { defaultStorage } from "@tfsaver/storage/default";
import { convertCheckpoint, type WriteOptions } from "../convert/convert-checkpoint.js";
import { requireWritable } from "../convert/require-writable.js";
import { applyStep } from "./apply-step.js";
import { type EditPlan, planOf } from "./edit-plan.js";
import type { EditStep } from "./edit-step.js";
import { EditedCheckpoint } from "./edited-checkpoint.js";
import type { EditedTensor } from "./edited-tensor.js";
import { tensorsToWrite } from "./tensors-to-write.js";

/** Options of {@link editCheckpoint}. */
export interface EditOptions extends Omit<WriteOptions, "format"> {
  /** The changes, in their order. */
  readonly steps: readonly EditStep[];
  /** Makes the plan, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Called with the plan before anything is written. */
  readonly onPlan?: ((plan: EditPlan) => void | Promise<void>) | undefined;
}

/** Result of {@link editCheckpoint}. */
export interface Edited {
  /** For `openCheckpoint`; see `Converted.prefix`. After a dry run, the destination. */
  readonly prefix: string;
  /** Number of shards that were written; 0 after a dry run. */
  readonly shards: number;
  readonly plan: EditPlan;
}

/**
 * Writes an edited copy of a checkpoint, in the format of the source: renamed, filtered, cast, reshaped, merged. All steps are planned
 * before the first value is read; then tensors are copied in pieces, in the order of names, so in V2 one may be larger than memory.
 *
 * In an object-based checkpoint (`tf.train.Checkpoint`), the object graph follows the names: children, keys, full names and slot
 * variables. So `tf.train.Checkpoint.restore` finds every tensor at its new place.
 *
 * Like every save, it locks the destination, and leaves nothing there if it fails.
 *
 * @param source - as `resolveCheckpoint` returns it
 * @param destination - the new prefix
 * @throws `NotFoundError` if a name or pattern matches nothing, or a step changes nothing; `ValueError` if two names would become
 * one, nothing would be left, a step is not valid, or the destination exists; `InvalidArgumentError` if a value does not fit into
 * the dtype that it is cast to; the errors of reading and of the storage.
 *
 * @example
 * ```ts
 * import { editCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const { plan } = await editCheckpoint("bert/bert_model.ckpt", "bert/small", {
 *   steps: [{ dropOptimizer: true }, { rename: "s|^bert/|encoder/|" }, { cast: "bfloat16", match: ["*kernel"] }],
 * });
 * console.log(`${plan.bytesBefore} bytes became ${plan.bytes}; dropped: ${plan.dropped.length}`);
 * ```
 */
export async function editCheckpoint(source: string, destination: string, options: EditOptions): Promise<Edited> {
  const { steps, dryRun = false, onPlan, signal, storage = defaultStorage() } = options;
  await requireWritable(destination, storage);
  const readers: CheckpointReader[] = [];
  const keepOpen = (reader: CheckpointReader) => void readers.push(reader);
  try {
    const reader = await openCheckpoint(source, { storage, signal });
    keepOpen(reader);
    const checkpoint = await EditedCheckpoint.of(reader, { signal });
    const before = checkpoint.tensors;
    for (const step of inOrder(steps)) await applyStep(checkpoint, step, { storage, signal, keepOpen });
    if (reader.format === "V1") requireV1(checkpoint.tensors);
    const plan = planOf(before, checkpoint);
    await onPlan?.(plan);
    if (dryRun) return { prefix: destination, shards: 0, plan };
    const tensors = tensorsToWrite(checkpoint.tensors, checkpoint.objectGraph);
    const written = await convertCheckpoint(tensors, destination, { ...options, storage, format: reader.format });
    return { prefix: written.prefix, shards: written.shards, plan };
  } finally {
    for (const reader of readers) await reader.close();
  }
}

/** Makes sure that V1 can hold the dtypes of tensors, which those of the source can't tell: some were cast, set or merged. */
function requireV1(tensors: readonly EditedTensor[]): void {
  for (const { name, dtype } of tensors) {
    try {
      maxSliceElements(name, dtype);
    } catch (cause) {
      const advice = "convert it to V2 first, for example with tfckpt convert";
      throw new ValueError(`${name} of dtype ${dtype} can't be stored in V1, the format of the source: ${advice}`, {
        cause,
      });
    }
  }
}

/** Puts the use of averages before the drop of optimizers, which would drop the averages. */
function inOrder(steps: readonly EditStep[]): readonly EditStep[] {
  const drop = steps.findIndex((step) => "dropOptimizer" in step);
  const use = steps.findIndex((step) => "useAverages" in step);
  if (drop < 0 || use < drop) return steps;
  const averages = steps[use] as EditStep;
  return [...steps.slice(0, drop), averages, ...steps.slice(drop).filter((step) => step !== averages)];
}
