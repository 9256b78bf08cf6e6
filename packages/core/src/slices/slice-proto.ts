import type { Extent, TensorSlice } from "../tensor/tensor-slice.js";

/** The fields of a `TensorSliceProto`, which the messages of both formats contain. */
export interface SliceMessage {
  /** One per dimension. Without `length`, the extent is the whole dimension. */
  extent: { start: number; length?: number | undefined }[];
}

/** Encodes a slice as the fields of a `TensorSliceProto`. */
export function sliceToProto(slice: TensorSlice): SliceMessage {
  return { extent: slice.map((extent) => (extent === "full" ? { start: 0 } : { ...extent })) };
}

/** Decodes a `TensorSliceProto`. */
export function sliceFromProto({ extent }: SliceMessage): TensorSlice {
  return extent.map(({ start, length }): Extent => (length === undefined ? "full" : { start, length }));
}
