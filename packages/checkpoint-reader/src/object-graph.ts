import { DataLossError, tensorStrings } from "@tfsaver/core";
import type { TrackableObjectGraph } from "@tfsaver/proto/object-graph/decode";
import type { CallOptions } from "@tfsaver/storage";
import type { CheckpointReader } from "./reader.js";

/** The tensor that holds the object graph of an object-based checkpoint. */
export const OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

/**
 * The graph of objects that an object-based checkpoint (`tf.train.Checkpoint`) was saved from, or `undefined` if the
 * checkpoint is not object-based.
 *
 * @throws `DataLossError` if what is stored is no such graph.
 */
export async function readObjectGraph(
  reader: CheckpointReader,
  options?: CallOptions,
): Promise<TrackableObjectGraph | undefined> {
  const info = await reader.info(OBJECT_GRAPH_KEY, options);
  if (info === undefined) return undefined;
  const context = { path: reader.prefix, tensor: OBJECT_GRAPH_KEY };
  if (info.dtype !== "string" || info.shape.length > 0) {
    throw new DataLossError(`${reader.prefix}: ${OBJECT_GRAPH_KEY} is not one string`, context);
  }
  const [bytes] = tensorStrings(await reader.get(OBJECT_GRAPH_KEY, undefined, options));
  // Most checkpoints have none, and then its messages need not be loaded.
  const messages = await import("@tfsaver/proto/object-graph/decode");
  try {
    return messages.TrackableObjectGraph.decode(bytes as Uint8Array);
  } catch (cause) {
    throw new DataLossError(`${reader.prefix}: ${OBJECT_GRAPH_KEY}: ${(cause as Error).message}`, {
      ...context,
      cause,
    });
  }
}

/**
 * The names that a name-based saver would use, each with its tensor's name in an object-based checkpoint
 * (`object_graph_key_mapping`). Of a name that several objects share, the last one's; `undefined` if the checkpoint is
 * not object-based.
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
