/**
 * The message that says which objects an object-based checkpoint was saved from, for those who only read it.
 *
 * @packageDocumentation
 */
export type { MessageDecoder } from "./decoder.js";
export {
  TrackableObjectGraph,
  TrackableObjectGraph_TrackableObject,
  TrackableObjectGraph_TrackableObject_ObjectReference,
  TrackableObjectGraph_TrackableObject_SerializedTensor,
  TrackableObjectGraph_TrackableObject_SlotVariableReference,
} from "./generated/object-graph.decode.js";
