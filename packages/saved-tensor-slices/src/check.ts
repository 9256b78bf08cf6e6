import { DataLossError } from "@tfsaver/core";
import { absentShards } from "./shards/absent-shards.js";
import { SlicesReader, type SlicesReaderOptions } from "./slices-reader.js";

/**
 * Checks that a V1 checkpoint can be opened: that every shard is there, and has its footer, its index block and its list of
 * tensors, whose blocks lie inside the file. Reads no tensor: {@link verifySlices} does.
 *
 * @throws as {@link SlicesReader.open}, and `DataLossError` if a shard is missing or shorter than its index needs.
 * @example
 * ```ts
 * import { checkSlices } from "@tfsaver/saved-tensor-slices";
 *
 * await checkSlices("fixtures/goldens/v1-simple/model.ckpt");
 * ```
 */
export async function checkSlices(pattern: string, options: SlicesReaderOptions = {}): Promise<void> {
  const reader = await SlicesReader.open(pattern, options);
  try {
    const [absent] = absentShards(reader.paths);
    if (absent !== undefined) throw new DataLossError(`${absent.path}: ${absent.message}`, { path: absent.path });
    reader.requireRoom();
  } finally {
    await reader.close();
  }
}
