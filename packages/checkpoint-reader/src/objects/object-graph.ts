import type { TrackableObjectGraph } from "@tfsaver/checkpoint-proto/object-graph/decode";
import { DataLossError, tensorStrings } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import type { CheckpointReader } from "../checkpoint-reader.js";
import { requireModest } from "./object-graph-size.js";

/** Name of the tensor that holds the object graph of an object-based checkpoint. */
export const OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

/**
 * Reads the graph of objects that an object-based checkpoint (`tf.train.Checkpoint`) was saved from. Returns `undefined` if
 * the checkpoint is not object-based.
 *
 * @throws `DataLossError` if the stored graph is damaged, or so large that it would take hundreds of MiB.
 * @example
 * ```ts
 * import { openCheckpoint, readObjectGraph } from "@tfsaver/checkpoint-reader";
 *
 * const reader = await openCheckpoint("fixtures/goldens/object-based/ckpt-1");
 * const graph = await readObjectGraph(reader);
 * for (const { localName } of graph?.nodes[0]?.children ?? []) console.log(localName);
 * await reader.close();
 * ```
 */
export async function readObjectGraph(
  reader: CheckpointReader,
  options?: CallOptions,
): Promise<TrackableObjectGraph | undefined> {
  const info = await reader.info(OBJECT_GRAPH_KEY, options);
  if (info === undefined) return undefined;
  const context = { path: reader.prefix, tensor: OBJECT_GRAPH_KEY };
  if (info.dtype !== "string" || info.shape.length > 0) {
    throw new DataLossError(`${reader.prefix}: ${OBJECT_GRAPH_KEY} is not a single string`, context);
  }
  const [bytes] = tensorStrings(await reader.get(OBJECT_GRAPH_KEY, undefined, options));
  // Loaded on demand, because most checkpoints have no object graph.
  const messages = await import("@tfsaver/checkpoint-proto/object-graph/decode");
  try {
    requireModest(bytes as Uint8Array);
    return messages.TrackableObjectGraph.decode(bytes as Uint8Array);
  } catch (cause) {
    throw new DataLossError(`${reader.prefix}: ${OBJECT_GRAPH_KEY}: ${(cause as Error).message}`, {
      ...context,
      cause,
    });
  }
}

/**
 * Maps the names that a name-based saver would use to the names of the tensors in an object-based checkpoint
 * (`object_graph_key_mapping`). If several objects share a name, the last one counts. Returns `undefined` if the checkpoint
 * is not object-based.
 *
 * @throws as {@link readObjectGraph}.
 * @example
 * ```ts
 * import { objectGraphKeyMapping, openCheckpoint } from "@tfsaver/checkpoint-reader";
 *
 * const reader = await openCheckpoint("fixtures/goldens/object-based/ckpt-1");
 * for (const [name, key] of (await objectGraphKeyMapping(reader)) ?? []) console.log(name, "is stored as", key);
 * await reader.close();
 * ```
 */
export async function objectGraphKeyMapping(
  reader: CheckpointReader,
  options?: CallOptions,
): Promise<Map<string, string> | undefined> {
  const graph = await readObjectGraph(reader, options);
  if (graph === undefined) return undefined;
  const attributes = graph.nodes.flatMap((node) => node.attributes);
  return new Map(attributes.map(({ fullName, checkpointKey }) => [fullName, checkpointKey]));
}
