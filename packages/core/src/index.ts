/**
 * The words all packages share: element types, shapes, tensors in memory, errors and progress.
 *
 * @packageDocumentation
 */
export {
  bfloat16Bits,
  bfloat16ToNumber,
  float16Bits,
  float16ToNumber,
  isTensor,
  type NestedValues,
  type TensorLike,
  type TensorScalar,
  toTensor,
} from "./convert.js";
export {
  ALL_DTYPES,
  type DType,
  type DTypeInfo,
  dtypeFromEnum,
  dtypeInfo,
  dtypeMessageName,
  dtypeToEnum,
  isNumeric,
} from "./dtype.js";
export * from "./errors.js";
export { type PackedStrings, packedStringsOf, packedTensor, packStrings } from "./packed-strings.js";
export {
  type CommitOptions,
  type OperationOptions,
  type Progress,
  throwIfAborted,
  type WarningListener,
  warnOnConsole,
} from "./progress.js";
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
} from "./shape.js";
export { requireString } from "./require-string.js";
export { sleep } from "./sleep.js";
export { type StoredSlices, slicesFor } from "./stored-slices.js";
export {
  allocateBytes,
  allocateTensor,
  byteLength,
  bytesEqual,
  contentSize,
  copyTensor,
  makeTensor,
  type NumericData,
  reshapeTensor,
  type Tensor,
  type TensorData,
  tensorBytes,
  tensorFromBytes,
  tensorStrings,
  zeroTensor,
} from "./tensor.js";
export {
  copyOverlap,
  type Extent,
  formatShapeAndSlice,
  formatSlice,
  fullSlice,
  intersectSlices,
  isWhole,
  overlapRuns,
  parseShapeAndSlice,
  parseSlice,
  type ShapeAndSlice,
  type SliceRun,
  sliceElements,
  sliceShape,
  slicesOverlap,
  type TensorPart,
  type TensorSlice,
  tensorPart,
} from "./tensor-slice.js";
export { type FileProblem, problemOf, type VerifyReport } from "./verify-report.js";
