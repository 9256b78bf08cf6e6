import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import type { EditedTensor } from "./edited-tensor.js";

const utf8 = new TextEncoder();

/** Sorts tensors by the UTF-8 bytes of their names, as savers write them. */
export function sortedByName(tensors: readonly EditedTensor[]): EditedTensor[] {
  const keyed = tensors.map((tensor) => ({ tensor, key: utf8.encode(tensor.name) }));
  return keyed.sort((a, b) => compareBytes(a.key, b.key)).map(({ tensor }) => tensor);
}

/**
 * Returns the tensors of an edit in the order in which savers write them.
 *
 * @param objectGraph - the tensor that stores the object graph, which comes last
 */
export function tensorsToWrite(tensors: readonly EditedTensor[], objectGraph: EditedTensor | undefined): TensorSource {
  const all = sortedByName(tensors);
  if (objectGraph !== undefined) all.push(objectGraph);
  const byName = new Map(all.map((tensor) => [tensor.name, tensor]));
  const valuesOf = (name: string) => (byName.get(name) as EditedTensor).values;
  return {
    async *tensors(): AsyncGenerator<TensorInfo> {
      for (const { name, dtype, shape, size, slices } of all) yield { name, dtype, shape, size, slices, shard: 0 };
    },
    get: (name, slice, options) => valuesOf(name).get(slice, options),
    stream: (name, options = {}) => valuesOf(name).stream(options),
  };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}
