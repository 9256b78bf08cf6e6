/**
 * The words all packages share: element types, shapes, tensors in memory, errors and progress.
 *
 * @packageDocumentation
 */
export { asyncDispose } from "./async-dispose.js";
export { BackgroundErrors } from "./background-errors.js";
export { bytesEqual } from "./coding/bytes.js";
export * from "./errors.js";
export { ObservedPromise } from "./observed-promise.js";
export {
  type OperationOptions,
  type Progress,
  throwIfAborted,
  type WarningListener,
  warnOnConsole,
} from "./progress.js";
export { type OptionNames, requireKnown } from "./require-known.js";
export { requireString } from "./require-string.js";
export { runAhead } from "./run-ahead.js";
export { sleep } from "./sleep.js";
export {
  copyOverlap,
  overlapRange,
  overlapRuns,
  type SliceRun,
  type TensorPart,
  tensorPart,
} from "./tensor/copy-overlap.js";
export {
  ALL_DTYPES,
  type DType,
  type DTypeInfo,
  dtypeFromEnum,
  dtypeInfo,
  dtypeMessageName,
  dtypeToEnum,
  isNumeric,
} from "./tensor/dtype.js";
export { bfloat16Bits, bfloat16ToNumber, float16Bits, float16ToNumber } from "./tensor/half-floats.js";
export { numberDecoder } from "./tensor/number-decoder.js";
export { type PackedStrings, packedStringsOf, packedTensor, packStrings } from "./tensor/packed-strings.js";
export { requireTensor } from "./tensor/require-tensor.js";
export {
  formatShape,
  isFullyDefined,
  MAX_RANK,
  numElements,
  type PartialShape,
  requireRank,
  type Shape,
  shapesCompatible,
  shapesEqual,
} from "./tensor/shape.js";
export { parseNumpySlice, rows } from "./tensor/slice-notation.js";
export {
  allocateBytes,
  allocateTensor,
  byteLength,
  makeTensor,
  type NumericData,
  type Tensor,
  type TensorData,
  tensorBytes,
  tensorFromBytes,
  tensorStrings,
  zeroTensor,
} from "./tensor/tensor.js";
export { contentSize, copyTensor, reshapeTensor } from "./tensor/tensor-content.js";
export {
  completeSlice,
  type Extent,
  formatShapeAndSlice,
  formatSlice,
  fullSlice,
  intersectSlices,
  isWhole,
  parseShapeAndSlice,
  parseSlice,
  type ShapeAndSlice,
  sliceElements,
  sliceShape,
  slicesOverlap,
  type TensorSlice,
} from "./tensor/tensor-slice.js";
export {
  isTensor,
  type NestedValues,
  type TensorLike,
  type TensorScalar,
  toTensor,
} from "./tensor/to-tensor.js";
export { turnOfEventLoop } from "./turn-of-event-loop.js";
export { unlessAborted } from "./unless-aborted.js";
