import { replacementFilename } from "@tfsaver/checkpoint-names";
import { DataLossError, isCheckpointError, NotFoundError, requireString, ValueError } from "@tfsaver/core";
import { GraphDebugInfo, MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { createDirectories, dirname, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { MAX_SIZE, requireStorableGraph } from "./graph-size.js";

/** Options of {@link readMetaGraph}. */
export interface MetaGraphFileOptions {
  /** The storage of the file. Default: the local file system under Node.js; required elsewhere. */
  readonly storage?: Storage | undefined;
}

/** Options of {@link writeMetaGraph}. */
export interface WriteMetaGraphOptions extends MetaGraphFileOptions {
  /** Write protobuf's text format instead of the binary one. Default: false. */
  readonly asText?: boolean | undefined;
}

/**
 * Reads a `.meta` file, binary or text (`tf.compat.v1.train.read_meta_graph_file`).
 *
 * @example
 * ```ts
 * import { readMetaGraph } from "@tfsaver/meta-graph";
 *
 * const { metaInfoDef } = await readMetaGraph("model.ckpt-100.meta");
 * console.log(metaInfoDef?.tensorflowVersion);
 * ```
 *
 * @throws `NotFoundError` if the file doesn't exist; `DataLossError` if it contains no meta graph.
 */
export async function readMetaGraph(path: string, options: MetaGraphFileOptions = {}): Promise<MetaGraphDef> {
  requireString(path, "The path of a meta graph");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(options.storage ?? defaultStorage(), path);
  } catch (cause) {
    if (!isCheckpointError(cause, "NotFoundError")) throw cause;
    throw new NotFoundError(`File does not exist. Received: ${path}.`, { path, cause });
  }
  try {
    return MetaGraphDef.decode(bytes);
  } catch (asBytes) {
    return await parse(bytes, path, asBytes as Error);
  }
}

/** Parses text; for other bytes, throws the error that says what they are. */
async function parse(bytes: Uint8Array, path: string, asBytes: Error): Promise<MetaGraphDef> {
  // Loaded only after an error.
  const { identifyBytes } = await import("@tfsaver/checkpoint-reader");
  const { kind, description } = identifyBytes(bytes) ?? {};
  const fail = (why: string, cause: unknown) => new DataLossError(`Cannot parse file ${path}: ${why}`, { path, cause });
  if (kind === "text") {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return (await textFormat()).metaGraphFromText(text);
    } catch (cause) {
      throw fail((cause as Error).message, cause);
    }
  }
  if (description !== undefined && kind !== "meta-graph") throw fail(`it is ${description}`, asBytes);
  throw fail(`${asBytes.message}. The file is damaged, or its end is missing: copy it again`, asBytes);
}

/** Loads the text format when it is needed: most programs only use binary files. */
export function textFormat() {
  return import("@tfsaver/proto/meta-graph/text");
}

/**
 * Writes a meta graph to a file. Makes missing folders first; a reader never sees a half-written file. Equal meta graphs
 * give equal bytes.
 *
 * @example
 * ```ts
 * import { Graph } from "@tfsaver/graph";
 * import { exportMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
 * import { MemoryStorage } from "@tfsaver/storage";
 *
 * const storage = new MemoryStorage();
 * await writeMetaGraph("model.meta", exportMetaGraph({ graph: new Graph() }), { storage });
 * ```
 *
 * @throws `ValueError` if it is larger than 2 GiB, the limit of protobuf; the storage's errors.
 */
export async function writeMetaGraph(
  path: string,
  metaGraph: MetaGraphDef,
  options: WriteMetaGraphOptions = {},
): Promise<void> {
  requireString(path, "The path of a meta graph");
  if (!(metaGraph?.collectionDef instanceof Map)) throw new TypeError("The meta graph to write must be a MetaGraphDef");
  if (metaGraph.graphDef !== undefined) requireStorableGraph(metaGraph.graphDef, path);
  await writeContent(
    path,
    options.asText ? await metaGraphText(path, metaGraph) : MetaGraphDef.encode(metaGraph),
    options,
  );
}

/**
 * Writes the debug information of a meta graph to a file, like {@link writeMetaGraph}.
 *
 * @example
 * ```ts
 * import { Graph } from "@tfsaver/graph";
 * import { debugInfoOf, writeDebugInfo } from "@tfsaver/meta-graph";
 * import { MemoryStorage } from "@tfsaver/storage";
 *
 * const debugInfo = debugInfoOf(new Graph().toGraphDef());
 * await writeDebugInfo("model_debug.meta", debugInfo, { storage: new MemoryStorage() });
 * ```
 *
 * @throws as {@link writeMetaGraph}.
 */
export async function writeDebugInfo(
  path: string,
  debugInfo: GraphDebugInfo,
  options: WriteMetaGraphOptions = {},
): Promise<void> {
  const text = options.asText ? (await textFormat()).graphDebugInfoToText(debugInfo) : undefined;
  await writeContent(path, text ?? GraphDebugInfo.encode(debugInfo), options);
}

async function metaGraphText(path: string, metaGraph: MetaGraphDef): Promise<string> {
  const { metaGraphToText } = await textFormat();
  return printed(path, () => metaGraphToText(metaGraph));
}

/** @throws `ValueError` if the text is longer than JavaScript's strings can be. */
export function printed(path: string, print: () => string): string {
  try {
    return print();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ValueError(`${path} can't be written as text, which is too long for JavaScript: write it as bytes`, {
      path,
      cause,
    });
  }
}

/** Makes the folders of a file, then the file. Throws as {@link writeMetaGraph}. */
export async function writeContent(
  path: string,
  content: string | Uint8Array,
  options: MetaGraphFileOptions,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length > MAX_SIZE) {
    throw new ValueError(`${path} would have ${bytes.length} bytes; a message cannot be larger than 2GB`, { path });
  }
  const storage = options.storage ?? defaultStorage();
  try {
    await createDirectories(storage, dirname(path));
    await writeFileAtomically(storage, path, bytes, replacementFilename(path));
  } catch (error) {
    throw (await explainPlace(path, storage, error)) ?? error;
  }
}

/** Returns an error for a folder where a file is due, or a file where a folder is due; undefined if that is not the cause. */
async function explainPlace(path: string, storage: Storage, cause: unknown): Promise<ValueError | undefined> {
  if (!isCheckpointError(cause)) return undefined;
  const kindOf = async (place: string) => (await storage.stat(place).catch(() => undefined))?.kind;
  if ((await kindOf(path)) === "directory") {
    return new ValueError(`${path} is a folder: pass the path of a file to write`, { path, cause });
  }
  for (let folder = dirname(path); folder !== "" && folder !== dirname(folder); folder = dirname(folder)) {
    if ((await kindOf(folder)) !== "file") continue;
    return new ValueError(`${path} can't be written: ${folder} is a file, not a folder`, { path: folder, cause });
  }
  return undefined;
}
