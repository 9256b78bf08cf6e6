import { byteLength, isCheckpointError, isNumeric, sliceShape, tensorStrings } from "@tfsaver/core";
import { problemOf, type VerifyReport, verifyEach } from "@tfsaver/core/slices";
import { absentShards } from "./shards/absent-shards.js";
import { type SlicesEntry, SlicesReader, type SlicesReaderOptions } from "./slices-reader.js";

/**
 * Reads every block and every slice of a V1 checkpoint. Continues after a fault, so that the report lists all of them.
 *
 * @throws `NotFoundError` if no file matches, and the storage's errors. Faults in the files are reported, not thrown.
 * @example
 * ```ts
 * import { verifySlices } from "@tfsaver/saved-tensor-slices";
 *
 * const { problems } = await verifySlices("fixtures/goldens/v1-simple/model.ckpt");
 * for (const { path, message } of problems) console.log(path, message);
 * ```
 */
export async function verifySlices(pattern: string, options: SlicesReaderOptions = {}): Promise<VerifyReport> {
  let reader: SlicesReader;
  try {
    reader = await SlicesReader.open(pattern, options);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) throw error;
    return { tensors: 0, bytes: 0, problems: [problemOf(error, pattern)] };
  }
  try {
    const problems = absentShards(reader.paths);
    for await (const error of reader.damagedBlocks(options)) problems.push(problemOf(error, pattern));
    const verification = {
      sizeOf: knownBytes,
      verify: (entry: SlicesEntry) => verifyTensor(reader, entry, options),
      pathOf: () => pattern,
    };
    return await verifyEach(reader.entries(), verification, problems, options);
  } finally {
    await reader.close();
  }
}

/** Returns the size of a tensor in bytes as far as it is known without reading: 0 for strings. */
function knownBytes({ dtype, shape }: SlicesEntry): number {
  return isNumeric(dtype) ? byteLength(dtype, shape) : 0;
}

/** Reads all slices of a tensor, one at a time, and returns the number of bytes of their values. */
async function verifyTensor(reader: SlicesReader, entry: SlicesEntry, options: SlicesReaderOptions): Promise<number> {
  const { name, dtype, shape, parts } = entry;
  // Throws if the slices overlap or leave a gap.
  reader.plan(name);
  let bytes = 0;
  for (const part of parts) {
    const tensor = await reader.readPart(name, part, options);
    bytes += isNumeric(dtype)
      ? byteLength(dtype, sliceShape(shape, part.slice))
      : tensorStrings(tensor).reduce((sum, item) => sum + item.length, 0);
  }
  return bytes;
}
