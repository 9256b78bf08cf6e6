/**
 * A `google.protobuf.Any` message in a collection, kept as its serialized bytes.
 *
 * @example
 * ```ts
 * import { Graph } from "@tfsaver/graph";
 * import { AnyMessage, exportMetaGraph } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * graph.addToCollection("messages", new AnyMessage(Uint8Array.of()));
 * console.log(exportMetaGraph({ graph }).collectionDef.get("messages")?.anyList?.value.length); // 1
 * ```
 */
export class AnyMessage {
  constructor(readonly bytes: Uint8Array) {}
}
