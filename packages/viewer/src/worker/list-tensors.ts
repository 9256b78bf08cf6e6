import type { CheckpointReader, TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import { CheckpointError, isCheckpointError } from "@tfsaver/core";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { BundleReader } from "@tfsaver/tensor-bundle";

/** Number of entries that can't be read, after which the rest is left out. Only a hostile index has so many. */
const MAX_UNREADABLE = 1000;

/** An entry of an index that can't be read. */
export interface UnreadableEntry {
  /** Undefined if not even the name can be read. */
  readonly name: string | undefined;
  readonly message: string;
}

/** The tensors of a checkpoint, and the entries that can't be read. */
export interface ListedTensors {
  /** Facts by name, sorted by the UTF-8 bytes of the names. */
  readonly infos: ReadonlyMap<string, TensorInfo>;
  readonly unreadable: readonly UnreadableEntry[];
}

/**
 * Lists the tensors of a checkpoint. Where entries of its index are damaged, the others are listed nevertheless.
 *
 * @throws `DataLossError` if no entry can be read.
 */
export async function listTensors(
  tensors: TensorSource,
  checkpoint: CheckpointReader | undefined,
  options: CallOptions & { readonly storage: Storage },
): Promise<ListedTensors> {
  try {
    const infos = new Map<string, TensorInfo>();
    for await (const info of tensors.tensors(options)) infos.set(info.name, info);
    return { infos, unreadable: [] };
  } catch (error) {
    if (checkpoint?.format !== "V2" || !isCheckpointError(error, "DataLossError", "InternalError")) throw error;
    const listed = await listReadable(checkpoint, options);
    if (listed.infos.size === 0) throw error;
    return listed;
  }
}

async function listReadable(
  checkpoint: CheckpointReader,
  options: CallOptions & { readonly storage: Storage },
): Promise<ListedTensors> {
  const bundle = await BundleReader.open(checkpoint.prefix, options);
  const infos = new Map<string, TensorInfo>();
  const unreadable: UnreadableEntry[] = [];
  const fail = (error: CheckpointError) => unreadable.push({ name: error.tensor, message: error.message });
  try {
    for await (const item of bundle.entriesOrErrors(options)) {
      if (unreadable.length === MAX_UNREADABLE) break;
      if (item instanceof CheckpointError) fail(item);
      else {
        const info = await checkpoint.info(item.name, options).catch((error: CheckpointError) => void fail(error));
        if (info) infos.set(item.name, info);
      }
    }
    return { infos, unreadable };
  } finally {
    await bundle.close();
  }
}
