/**
 * TensorFlow's checkpoint system in one import: what most people need of the `@tfsaver/…` packages, re-exported.
 *
 * @packageDocumentation
 */

// Reading checkpoints
export {
  type CheckpointFormat,
  type CheckpointReader,
  debugString,
  listVariables,
  loadVariable,
  type OpenCheckpointOptions,
  objectGraphKeyMapping,
  openCheckpoint,
  type PlannedRead,
  readObjectGraph,
  type TensorInfo,
  type TensorRequest,
} from "@tfsaver/checkpoint-reader";
// The `checkpoint` file, and which checkpoints to keep
export {
  type CheckpointState,
  type CheckpointsIteratorOptions,
  checkpointExists,
  checkpointsIterator,
  generateCheckpointStateProto,
  getCheckpointMtimes,
  getCheckpointState,
  latestCheckpoint,
  type RemoveCheckpointOptions,
  removeCheckpoint,
  type StateFileOptions,
  type StorageOptions,
  type UpdateCheckpointStateOptions,
  updateCheckpointState,
} from "@tfsaver/checkpoint-state";
export {
  type CheckpointReport,
  type ConvertOptions,
  convertCheckpoint,
  type DigestOptions,
  digestCheckpoint,
  digestTensor,
  type FormatTensorOptions,
  formatBytes,
  formatTensor,
  type ResolveOptions,
  resolveCheckpoint,
  tensorToJson,
  toNpy,
  type VerifyOptions,
  verifyCheckpoint,
} from "@tfsaver/checkpoint-tools";
// Tensors and errors
export {
  AbortedError,
  AlreadyExistsError,
  AssertionError,
  allocateTensor,
  CancelledError,
  CheckpointError,
  copyTensor,
  DataLossError,
  DeadlineExceededError,
  type DType,
  type ErrorKind,
  FailedPreconditionError,
  InternalError,
  InvalidArgumentError,
  isCheckpointError,
  makeTensor,
  NotFoundError,
  type OperationOptions,
  OutOfRangeError,
  type PartialShape,
  PermissionDeniedError,
  type Progress,
  ResourceExhaustedError,
  RuntimeError,
  type Shape,
  type Tensor,
  type TensorData,
  type TensorLike,
  tensorBytes,
  tensorStrings,
  toTensor,
  UnavailableError,
  UnimplementedError,
  UnknownError,
  ValueError,
  type WarningListener,
} from "@tfsaver/core";
// Graphs, and what runs them
export {
  attr,
  cast,
  constant,
  type DeviceScope,
  type Feeds,
  type Fetch,
  type Fetched,
  Graph,
  GraphKeys,
  getDefaultGraph,
  group,
  identity,
  Operation,
  type OpOptions,
  Output,
  PartitionedVariable,
  type PartitionedVariableOptions,
  placeholder,
  placeholderWithDefault,
  resetDefaultGraph,
  type Session,
  Variable,
  type VariableOptions,
  withDefaultGraph,
} from "@tfsaver/graph";
export {
  type ExportMetaGraphOptions,
  exportMetaGraph,
  type MetaGraphFileOptions,
  readMetaGraph,
  type WriteGraphOptions,
  writeGraph,
  writeMetaGraph,
} from "@tfsaver/meta-graph";
export type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
export type { SaverDef } from "@tfsaver/proto/saver";
export {
  type CheckpointRecord,
  type RetentionDecision,
  type RetentionPolicy,
  type TensorflowDefaultOptions,
  tensorflowDefault,
} from "@tfsaver/retention";
// Saving and restoring
export {
  type ImportOptions,
  importMetaGraph,
  type SaveOptions,
  Saver,
  type SaverExportOptions,
  type SaverOptions,
} from "@tfsaver/saver";
// Builders of one's own
export {
  BaseSaverBuilder,
  type BuildOptions,
  BulkSaverBuilder,
  type CompleteBuildOptions,
  MutableHashTable,
  type MutableHashTableOptions,
  type NamedSaveable,
  type NamedTensors,
  type NestedSaveables,
  type RestoreOptions,
  restoreV2,
  type Saveable,
  type SaveableFactory,
  SaveableObject,
  type SaveSpec,
  type Shard,
  saveV2,
  specOf,
  type Trackable,
  tensorOf,
  type VarList,
} from "@tfsaver/saver-builders";
export {
  type Kernel,
  type KernelCall,
  LocalResource,
  LocalSession,
  type LocalSessionOptions,
} from "@tfsaver/session-local";

// Where files are
export { MemoryStorage, type MemoryStorageOptions, type Storage } from "@tfsaver/storage";
export {
  BundleReader,
  type BundleReaderOptions,
  BundleWriter,
  type BundleWriterOptions,
} from "@tfsaver/tensor-bundle";
