/**
 * Messages of V1 checkpoint files, for those who only read them: a page need not load what writes them.
 *
 * @packageDocumentation
 */
export type { MessageDecoder } from "./decoder.js";
export {
  SavedSlice,
  SavedSliceMeta,
  SavedTensorSliceMeta,
  SavedTensorSlices,
  TensorShapeProto,
  TensorShapeProto_Dim,
  TensorSliceProto,
  TensorSliceProto_Extent,
  VersionDef,
} from "./generated/saved-slices.decode.js";
