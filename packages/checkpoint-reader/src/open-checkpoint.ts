import { isCheckpointError, type Tensor } from "@tfsaver/core";
import { BundleReader } from "@tfsaver/tensor-bundle";
import type { CheckpointReader, OpenCheckpointOptions, TensorInfo } from "./checkpoint-reader.js";
import { V2Reader } from "./v2-reader.js";

/**
 * Opens a checkpoint by its prefix (`tf.train.load_checkpoint`). The format is V2 if `<prefix>.index` exists, otherwise V1,
 * for which the prefix is the name of a file or a pattern for all shards (`model-?????-of-00002`). If nothing has this prefix,
 * a file of a checkpoint (`.index`, `.data-00000-of-00001`, `.meta`) stands for its prefix.
 *
 * @throws `NotFoundError` if there is no such checkpoint; `DataLossError` or `InternalError` if it is damaged or not a
 * checkpoint; `InvalidArgumentError` if it needs another version of the format.
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 *
 * const reader = await openCheckpoint("fixtures/goldens/v2-with-meta/model.ckpt-7");
 * const kernel = await reader.get("dense1/kernel");
 * console.log(kernel.dtype, kernel.shape);
 * await reader.close();
 * ```
 */
export async function openCheckpoint(prefix: string, options: OpenCheckpointOptions = {}): Promise<CheckpointReader> {
  const bundle = await openV2(prefix, options);
  if (bundle !== undefined) return bundle;
  // Loaded on demand: few checkpoints are that old, and few paths are not prefixes.
  const { openOther } = await import("./open-other.js");
  return openOther(prefix, options, openV2);
}

async function openV2(prefix: string, options: OpenCheckpointOptions): Promise<CheckpointReader | undefined> {
  try {
    return new V2Reader(await BundleReader.open(prefix, options));
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
    return undefined;
  }
}

/**
 * Lists names, dtypes and shapes of a checkpoint's tensors, sorted by name (`tf.train.list_variables`).
 *
 * @throws as {@link openCheckpoint}.
 * @example
 * ```ts
 * import { listVariables } from "@tfsaver/checkpoint-reader";
 *
 * for (const { name, dtype, shape } of await listVariables("fixtures/goldens/v2-with-meta/model.ckpt-7")) {
 *   console.log(name, dtype, shape);
 * }
 * ```
 */
export async function listVariables(prefix: string, options: OpenCheckpointOptions = {}): Promise<TensorInfo[]> {
  const reader = await openCheckpoint(prefix, options);
  try {
    const infos: TensorInfo[] = [];
    for await (const info of reader.tensors(options)) infos.push(info);
    return infos;
  } finally {
    await reader.close();
  }
}

/**
 * Reads one tensor of a checkpoint (`tf.train.load_variable`). A trailing `:0` of the name is dropped.
 *
 * @throws as {@link openCheckpoint} and {@link CheckpointReader.get}.
 * @example
 * ```ts
 * import { loadVariable } from "@tfsaver/checkpoint-reader";
 *
 * const step = await loadVariable("fixtures/goldens/v2-with-meta/model.ckpt-7", "global_step");
 * console.log(step.data);
 * ```
 */
export async function loadVariable(prefix: string, name: string, options: OpenCheckpointOptions = {}): Promise<Tensor> {
  const reader = await openCheckpoint(prefix, options);
  try {
    return await reader.get(name.endsWith(":0") ? name.slice(0, -2) : name, undefined, options);
  } finally {
    await reader.close();
  }
}
