import { DataLossError, isCheckpointError, NotFoundError } from "@tfsaver/core";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { createDirectories, dirname, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";

/** Where meta graphs are read and written. */
export interface MetaGraphFileOptions {
  /** Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/**
 * Reads a binary `.meta` file (`tf.compat.v1.train.read_meta_graph_file`).
 *
 * @throws `NotFoundError` if it does not exist, `DataLossError` if it holds no meta graph.
 */
export async function readMetaGraph(path: string, options: MetaGraphFileOptions = {}): Promise<MetaGraphDef> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(options.storage ?? defaultStorage(), path);
  } catch (cause) {
    if (!isCheckpointError(cause, "NotFoundError")) throw cause;
    throw new NotFoundError(`File does not exist. Received: ${path}.`, { path, cause });
  }
  try {
    return MetaGraphDef.decode(bytes);
  } catch (cause) {
    throw new DataLossError(`Cannot parse file ${path}: ${(cause as Error).message}`, { path, cause });
  }
}

/**
 * Writes a meta graph as TensorFlow does: missing directories are made, and the file appears whole. Equal meta graphs
 * give equal bytes.
 */
export async function writeMetaGraph(
  path: string,
  metaGraph: MetaGraphDef,
  options: MetaGraphFileOptions = {},
): Promise<void> {
  const storage = options.storage ?? defaultStorage();
  const bytes = MetaGraphDef.encode(metaGraph);
  await createDirectories(storage, dirname(path));
  await writeFileAtomically(storage, path, bytes);
}
