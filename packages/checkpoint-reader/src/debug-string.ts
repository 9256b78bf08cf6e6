import { type DType, dtypeMessageName, formatShape, type Shape, sliceShape } from "@tfsaver/core";
import { concatBytes, sliceKey } from "@tfsaver/core/coding";
import type { CallOptions } from "@tfsaver/storage";
import type { CheckpointReader, TensorInfo } from "./reader.js";

const utf8 = new TextEncoder();

/**
 * What is in a checkpoint, a line for each tensor: `name (DT_FLOAT) [2,3]` (`CheckpointReader.debug_string`). A
 * partitioned tensor has `, 3 slices` at the end of its line in V1; in V2 it has a line for each slice instead, before all
 * others, that begins with the key of the index, which is no text. The lines of V1 are sorted by name here; TensorFlow's
 * come in the order of a hash table.
 *
 * @returns the bytes that TensorFlow gives; names are UTF-8
 * @throws as {@link CheckpointReader.tensors}.
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

/** In the order of their keys, as the index has them. */
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
