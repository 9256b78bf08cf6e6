/** The index file of a checkpoint. */
export function indexFilename(prefix: string): string {
  return `${prefix}.index`;
}

/** Data file `shard` of `numShards`, counted from 0 (TensorFlow's `DataFilename`). */
export function dataFilename(prefix: string, shard: number, numShards: number): string {
  const digits = (value: number) => String(value).padStart(5, "0");
  return `${prefix}.data-${digits(shard)}-of-${digits(numShards)}`;
}

/** The key of the header, before every name. */
export const HEADER_KEY = new Uint8Array();

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The index key of a tensor. */
export function nameToKey(name: string): Uint8Array {
  return encoder.encode(name);
}

/** The tensor that an index key names, or `undefined` if the key is not text and so names none. */
export function keyToName(key: Uint8Array): string | undefined {
  try {
    return decoder.decode(key);
  } catch {
    return undefined;
  }
}

/** Keys of the slices of partitioned tensors start with this byte, and no tensor name does. */
export const SLICE_KEY_MARK = 0;

/** TensorFlow's form of a temporary name: `.tempstate` and a random 64-bit number. */
export function temporarySuffix(): string {
  return `.tempstate${crypto.getRandomValues(new BigUint64Array(1))[0]}`;
}
