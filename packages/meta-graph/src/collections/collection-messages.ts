import { ValueError } from "@tfsaver/core";
import type { Graph } from "@tfsaver/graph";
import { SAVERS, VARIABLE_COLLECTIONS } from "./collection-keys.js";
import { SERIALIZED_COLLECTIONS } from "./serialized-collections.js";

/** Converts the values of a collection to serialized messages and back. */
export interface CollectionMessages<T = unknown> {
  /**
   * Returns the message of a value; undefined leaves the value out.
   *
   * @param exportScope - the name scope to remove from names; `""` for none
   */
  toBytes(value: T, exportScope: string): Uint8Array | undefined;
  /**
   * Returns the value of a message, in the graph that it is imported into.
   *
   * @param importScope - the name scope to put before names; `""` for none
   */
  fromBytes(bytes: Uint8Array, graph: Graph, importScope: string): T;
}

const registries = new WeakMap<Graph, Map<string, CollectionMessages>>();

/**
 * Says how the values of a collection of this graph are written to meta graphs and read from them
 * (`ops.register_proto_function`). Register before importing a meta graph, too.
 *
 * @example
 * ```ts
 * import { Graph } from "@tfsaver/graph";
 * import { exportMetaGraph, registerCollectionMessages } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * registerCollectionMessages<Date>(graph, "dates", {
 *   toBytes: (date) => new TextEncoder().encode(date.toISOString()),
 *   fromBytes: (bytes) => new Date(new TextDecoder().decode(bytes)),
 * });
 * graph.addToCollection("dates", new Date());
 * console.log(exportMetaGraph({ graph }).collectionDef.get("dates")?.bytesList?.value.length); // 1
 * ```
 *
 * @throws `ValueError` if the collection is registered already, or is one of TensorFlow's that this library writes itself.
 */
export function registerCollectionMessages<T>(graph: Graph, key: string, messages: CollectionMessages<T>): void {
  const registry = registries.get(graph) ?? new Map<string, CollectionMessages>();
  const isBuiltIn = VARIABLE_COLLECTIONS.has(key) || SERIALIZED_COLLECTIONS.has(key) || key === SAVERS;
  if (isBuiltIn || registry.has(key))
    throw new ValueError(`Messages of the collection '${key}' are registered already`);
  registry.set(key, messages as CollectionMessages);
  registries.set(graph, registry);
}

/** Returns what was registered for a collection of a graph. */
export function messagesOf(graph: Graph, key: string): CollectionMessages | undefined {
  return registries.get(graph)?.get(key);
}
