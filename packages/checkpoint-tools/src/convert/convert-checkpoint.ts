import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { type Converted, type ConvertOptions, writeCheckpoint } from "./write-checkpoint.js";

/**
 * Converts a checkpoint to V1 or V2 in any number of shards. Copies tensors in pieces, in the order of names, so to V2 it needs
 * little memory. Tensors that are stored in slices stay so; in V1, a tensor above 2 GiB is cut into slices. Creates the folder of the destination if it is missing, but none above it.
 *
 * Like every save, it locks the destination, and leaves nothing there if it fails.
 *
 * @param source - as `resolveCheckpoint` returns it
 * @param destination - the new prefix
 * @throws `ValueError` if the destination exists in either format or has no file name, or if `shards` is not a positive
 * integer; `NotFoundError` if the folder above the destination's folder does not exist; `UnimplementedError` or
 * `InvalidArgumentError` if V1 can't hold a dtype, or strings above 2 GiB; the errors of reading and of the storage.
 *
 * @example
 * ```ts
 * import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const { prefix } = await convertCheckpoint("run/model.ckpt-7", "run/model.v1", { format: "V1", shards: 2 });
 * console.log(prefix); // run/model.v1-?????-of-00002
 * ```
 */
export async function convertCheckpoint(
  source: string,
  destination: string,
  options: ConvertOptions = {},
): Promise<Converted> {
  const reader = await openCheckpoint(source, options);
  try {
    return await writeCheckpoint(reader, destination, options);
  } finally {
    await reader.close();
  }
}
