import { OBJECT_GRAPH_KEY, type TensorInfo, type TensorSource } from "@tfsaver/checkpoint-reader";
import {
  contentSize,
  DataLossError,
  makeTensor,
  type OperationOptions,
  type Tensor,
  tensorStrings,
} from "@tfsaver/core";
import type { StoredTensor } from "./file-source.js";

/** The counter of saves that `tf.train.Checkpoint` keeps. */
const SAVE_COUNTER_KEY = "save_counter/.ATTRIBUTES/VARIABLE_VALUE";

/**
 * True for a tensor that describes an object-based checkpoint, and so travels as text beside the tensors of other formats: the
 * object graph, and the counter of saves.
 */
export function isCarried({ name, dtype, shape }: TensorInfo): boolean {
  if (shape.length > 0) return false;
  return (name === OBJECT_GRAPH_KEY && dtype === "string") || (name === SAVE_COUNTER_KEY && dtype === "int64");
}

/** Reads tensors that travel as text: the object graph as base64, the counter as a number. Their names are the keys. */
export async function carry(
  source: TensorSource,
  infos: readonly TensorInfo[],
  { signal }: OperationOptions,
): Promise<Record<string, string>> {
  const metadata: Record<string, string> = {};
  for (const { name, dtype } of infos) {
    const tensor = await source.get(name, undefined, { signal });
    metadata[name] = dtype === "string" ? toBase64(tensorStrings(tensor)[0] as Uint8Array) : String(scalarOf(tensor));
  }
  return metadata;
}

function scalarOf({ data }: Tensor): bigint {
  return (data as BigInt64Array)[0] as bigint;
}

/**
 * Takes the tensors out of the text that travels with a file.
 *
 * @throws `DataLossError` if one can't be read.
 */
export function uncarry(
  metadata: Readonly<Record<string, string>>,
  path: string,
): { readonly tensors: StoredTensor[]; readonly metadata: Readonly<Record<string, string>> } {
  const { [OBJECT_GRAPH_KEY]: graph, [SAVE_COUNTER_KEY]: counter, ...rest } = metadata;
  const tensors: StoredTensor[] = [];
  if (graph !== undefined) {
    const bytes = fromBase64(graph) ?? damaged(OBJECT_GRAPH_KEY, path);
    tensors.push(stored(OBJECT_GRAPH_KEY, makeTensor("string", [], [bytes])));
  }
  if (counter !== undefined) {
    const value = /^-?\d{1,19}$/.test(counter) ? BigInt.asIntN(64, BigInt(counter)) : damaged(SAVE_COUNTER_KEY, path);
    tensors.push(stored(SAVE_COUNTER_KEY, makeTensor("int64", [], BigInt64Array.of(value))));
  }
  return { tensors, metadata: rest };
}

function stored(name: string, tensor: Tensor): StoredTensor {
  const { dtype, shape } = tensor;
  return {
    info: { name, dtype, shape, size: contentSize(tensor), slices: [], shard: 0 },
    async *pieces() {
      yield tensor;
    },
  };
}

function damaged(key: string, path: string): never {
  throw new DataLossError(`${path}: the metadata ${key} is damaged`, { path, tensor: key });
}

/** Bytes that become text at once: a multiple of 3, so that the parts can be joined. */
const PART = 3 << 12;

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PART) text += btoa(String.fromCharCode(...bytes.subarray(at, at + PART)));
  return text;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
