import { type CheckpointReader, openCheckpoint, retryIfReplaced } from "@tfsaver/checkpoint-reader";
import type { OperationOptions, Tensor } from "@tfsaver/core";
import type { SaveableObject } from "@tfsaver/saver-builders";
import type { Storage } from "@tfsaver/storage";
import { type HostValue, isHostValue } from "../objects/saved-attributes.js";
import { requireFitting, type WantedValue } from "./require-fitting.js";

/** A value of a host object that was read. */
interface ReadValue {
  readonly object: object;
  readonly host: HostValue["host"];
  readonly tensors: readonly Tensor[];
}

/** Values that fit: those of host objects are read, those in a graph are still to be read by a session. */
export interface FittingValues {
  readonly hosts: readonly ReadValue[];
  readonly graph: readonly { readonly object: object; readonly saveable: SaveableObject }[];
}

/**
 * Checks that all values are in a checkpoint with the dtypes and shapes of their objects, and reads those of host objects.
 * Starts again if another save replaces the checkpoint meanwhile.
 *
 * @param opened - a reader of the checkpoint, for the first attempt
 * @throws `NotFoundError` for a missing key; `InvalidArgumentError` for another dtype, `ValueError` for another shape; the errors
 * of the reader. Nothing has changed then.
 */
export async function readFitting(
  prefix: string,
  wanted: readonly WantedValue[],
  storage: Storage,
  options: OperationOptions,
  opened?: CheckpointReader,
): Promise<FittingValues> {
  let reader = opened;
  return retryIfReplaced(prefix, () => {
    const first = reader;
    reader = undefined;
    if (first !== undefined) return readOnce(first, wanted, options);
    return withReader(prefix, storage, options, (reader) => readOnce(reader, wanted, options));
  });
}

/** Opens a checkpoint for one use. */
async function withReader<T>(
  prefix: string,
  storage: Storage,
  options: OperationOptions,
  use: (reader: CheckpointReader) => Promise<T>,
): Promise<T> {
  const reader = await openCheckpoint(prefix, { storage, signal: options.signal });
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

async function readOnce(
  reader: CheckpointReader,
  wanted: readonly WantedValue[],
  options: OperationOptions,
): Promise<FittingValues> {
  await requireFitting(reader, wanted, options);
  const hosts = wanted.flatMap(({ object, value }) => (isHostValue(value) ? [{ object, ...value }] : []));
  const requests = hosts.flatMap(({ specs }) => specs.map(({ name }) => ({ name })));
  const tensors = await reader.getAll(requests, options);
  let at = 0;
  return {
    hosts: hosts.map(({ object, host, specs }) => {
      at += specs.length;
      return { object, host, tensors: tensors.slice(at - specs.length, at) };
    }),
    graph: wanted.flatMap(({ object, value }) => (isHostValue(value) ? [] : [{ object, saveable: value }])),
  };
}
