import { type DType, dtypeMessageName, formatShape, type Shape, sliceShape } from "@tfsaver/core";
import { concatBytes, sliceKey } from "@tfsaver/core/coding";
import type { CallOptions } from "@tfsaver/storage";
import type { CheckpointReader, TensorInfo } from "./checkpoint-reader.js";

const utf8 = new TextEncoder();

/**
 * Lists the content of a checkpoint, one line per tensor: `name (DT_FLOAT) [2,3]` (`CheckpointReader.debug_string`).
 *
 * In V1, the line of a partitioned tensor ends with `, 3 slices`. In V2, each of its slices has a line of its own before all
 * other lines, which starts with the slice's index key; keys are not text. V1 lines are sorted by name; TensorFlow prints
 * them in the order of a hash table.
 *
 * @returns the bytes that TensorFlow returns; names are UTF-8
 * @throws as {@link CheckpointReader.tensors}.
 * @example
 * ```ts
 * import { debugString, openCheckpoint } from "@tfsaver/checkpoint-reader";
 *
 * const reader = await openCheckpoint("fixtures/goldens/v2-with-meta/model.ckpt-7");
 * console.log(new TextDecoder().decode(await debugString(reader)));
 * await reader.close();
 * ```
 */
export async function debugString(reader: CheckpointReader, options?: CallOptions): Promise<Uint8Array> {
  const slices: Uint8Array[] = [];
  const tensors: Uint8Array[] = [];
  for await (const info of reader.tensors(options)) {
    if (reader.format === "V2" && info.slices.length > 0) {
      for (const line of sliceLines(info)) slices.push(line);
    } else {
      const count = info.slices.length > 1 ? `, ${info.slices.length} slices` : "";
      tensors.push(utf8.encode(info.name), description(info.dtype, info.shape, count));
    }
  }
  return concatBytes([...slices, ...tensors]);
}

/** Returns the lines of a tensor's slices, in the order of their index keys. */
function sliceLines({ name, dtype, shape, slices }: TensorInfo): Uint8Array[] {
  const keyed = slices.map((slice) => ({ slice, key: sliceKey(utf8.encode(name), slice) }));
  keyed.sort((a, b) => compareBytes(a.key, b.key));
  return keyed.flatMap(({ slice, key }) => [key, description(dtype, sliceShape(shape, slice))]);
}

function description(dtype: DType, shape: Shape, end = ""): Uint8Array {
  return utf8.encode(` (DT_${dtypeMessageName(dtype).toUpperCase()}) ${formatShape(shape)}${end}\n`);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}
