/**
 * Decodes the object graph of object-based checkpoints. For readers, which need not load the encoders.
 *
 * @packageDocumentation
 */

export {
  TrackableObjectGraph,
  TrackableObjectGraph_TrackableObject,
  TrackableObjectGraph_TrackableObject_ObjectReference,
  TrackableObjectGraph_TrackableObject_SerializedTensor,
  TrackableObjectGraph_TrackableObject_SlotVariableReference,
} from "./generated/trackable-object-graph.decode.js";
export type { MessageDecoder } from "./wire/decoder.js";
