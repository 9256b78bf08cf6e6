/**
 * Encodes and decodes the object graph of object-based checkpoints.
 *
 * @packageDocumentation
 */

export {
  TrackableObjectGraph,
  TrackableObjectGraph_TrackableObject,
  TrackableObjectGraph_TrackableObject_ObjectReference,
  TrackableObjectGraph_TrackableObject_SerializedTensor,
  TrackableObjectGraph_TrackableObject_SlotVariableReference,
} from "./generated/trackable-object-graph.js";
export type { MessageCodec } from "./wire/codec.js";
