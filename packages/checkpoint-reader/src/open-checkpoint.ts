import { isCheckpointError, type OperationOptions, type Tensor } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { BundleReader } from "@tfsaver/tensor-bundle";
import type { CheckpointReader, TensorInfo } from "./reader.js";
import { V2Reader } from "./v2-reader.js";

/** Options of {@link openCheckpoint}. */
export interface OpenCheckpointOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/**
 * Opens a checkpoint by its prefix (`tf.train.load_checkpoint`): of format V2 if `<prefix>.index` exists, otherwise V1,
 * where the prefix is the name of a file or a pattern for all of them (`model-?????-of-00002`).
 *
 * @throws `NotFoundError` if there is no such checkpoint; `DataLossError` or `InternalError` if it is damaged or no
 * checkpoint at all; `InvalidArgumentError` if its version must not be read.
 */
export async function openCheckpoint(prefix: string, options: OpenCheckpointOptions = {}): Promise<CheckpointReader> {
  const bundle = await BundleReader.open(prefix, options).catch((error: unknown) => {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
    return undefined;
  });
  if (bundle !== undefined) return new V2Reader(bundle);
  // Few checkpoints are so old that a page should load this for all.
  const { openV1 } = await import("./v1-reader.js");
  return openV1(prefix, options);
}

/**
 * Names, dtypes and shapes of a checkpoint's tensors, sorted by name (`tf.train.list_variables`).
 *
 * @throws as {@link openCheckpoint}.
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
 * The value of one tensor of a checkpoint (`tf.train.load_variable`). A trailing `:0` of the name is dropped.
 *
 * @throws as {@link openCheckpoint} and {@link CheckpointReader.get}.
 */
export async function loadVariable(prefix: string, name: string, options: OpenCheckpointOptions = {}): Promise<Tensor> {
  const reader = await openCheckpoint(prefix, options);
  try {
    return await reader.get(name.endsWith(":0") ? name.slice(0, -2) : name, undefined, options);
  } finally {
    await reader.close();
  }
}
