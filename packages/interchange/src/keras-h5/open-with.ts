import {
  byteLength,
  DataLossError,
  type DType,
  dtypeInfo,
  fullSlice,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorFromBytes,
  UnimplementedError,
} from "@tfsaver/core";
import { type CallOptions, dirname, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { explained } from "../source/explained.js";
import { FileSource, type StoredTensor } from "../source/file-source.js";
import { shapeFromJson } from "../source/parse-json.js";
import { type PieceOptions, partsOf } from "../source/pieces.js";
import type { Hdf5Dataset, OpenHdf5 } from "./hdf5-types.js";
import { OpenHdf5Files } from "./open-hdf5-files.js";
import type { Platform } from "./platform.js";
import { isWeightIndex, readWeightIndex } from "./weight-index.js";

/** Options of `openKerasWeights`. */
export interface OpenKerasWeightsOptions extends CallOptions {
  /** Storage to read from. Default: the local file system. */
  readonly storage?: Storage | undefined;
}

/** Numbers of the classes of types in HDF5. */
const TYPE = { integer: 0, float: 1, opaque: 5, enumeration: 8 };
/** A file without content for its datasets can announce any size; up to a gigabyte, or 100 times its own, is read. */
const FREE_BYTES = 1 << 30;
const MAX_EXPANSION = 100;
/** Bytes of the largest part of a dataset that is unpacked at once. */
const MAX_CHUNK_BYTES = 64 << 20;

/** Opens the weights of a Keras model. The entry points say what it reads and throws. */
export function openWith(platform: Platform, path: string, options: OpenKerasWeightsOptions): Promise<FileSource> {
  return explained(path, options, () => openFiles(platform, path, options));
}

async function openFiles(platform: Platform, path: string, options: OpenKerasWeightsOptions): Promise<FileSource> {
  const { storage = defaultStorage() } = options;
  const index = isWeightIndex(path) ? await readWeightIndex(path, storage, options) : undefined;
  const paths = index === undefined ? [path] : [...index.keys()];
  const files = new OpenHdf5Files(storage, platform);
  try {
    const tensors = new Map<string, StoredTensor>();
    for (const file of paths) {
      const groups = index?.get(file);
      const missing = new Set(groups);
      for await (const dataset of files.use(file, options, (opened) => datasetsOf(opened, file, options))) {
        // Keras does not see what the index does not name.
        if (groups?.has(dirname(dataset.name)) === false) continue;
        missing.delete(dirname(dataset.name));
        const tensor = storedTensor(dataset, file, files);
        if (tensors.has(dataset.name)) throw new DataLossError(`${path}: ${dataset.name} is in two files`, { path });
        tensors.set(dataset.name, tensor);
      }
      for (const group of missing) {
        const message = `${file} lacks ${group}, which ${path} says it has: copy the files of one save`;
        throw new DataLossError(message, { path: file });
      }
    }
    return new FileSource(index === undefined ? paths : [path, ...paths], [...tensors.values()], {}, () =>
      files.close(),
    );
  } catch (error) {
    await files.close();
    throw error;
  }
}

/** Yields the datasets of a file, unless they would expand out of proportion. */
async function* datasetsOf(file: OpenHdf5, path: string, options: CallOptions): AsyncGenerator<Hdf5Dataset> {
  const datasets = await file.datasets(options);
  const total = datasets.reduce((sum, { shape, size }) => sum + (shape ?? [0]).reduce((a, b) => a * b, size), 0);
  if (total > FREE_BYTES && total > MAX_EXPANSION * file.size) {
    throw new DataLossError(`${path} is damaged: it has ${file.size} bytes, and would expand to ${total}`, { path });
  }
  yield* datasets;
}

function storedTensor(dataset: Hdf5Dataset, path: string, files: OpenHdf5Files): StoredTensor {
  const { name, size, chunks } = dataset;
  const dtype = dtypeOf(dataset);
  if (dtype === undefined || dtypeInfo(dtype).size !== size) {
    throw new UnimplementedError(`${path}: the dataset ${name} has elements that no tensor has`, {
      path,
      tensor: name,
    });
  }
  const shape = shapeFromJson(dataset.shape ?? [0]);
  const chunkBytes = (chunks ?? []).reduce((product, dim) => product * dim, size);
  if (shape === undefined || !(chunkBytes <= MAX_CHUNK_BYTES)) {
    throw new DataLossError(`${path} is damaged: the dataset ${name} is too large`, { path, tensor: name });
  }
  const info = { name, dtype, shape, size: byteLength(dtype, shape), slices: [], shard: 0 };
  const slicePieces = (slice: TensorSlice, options: PieceOptions) =>
    files.use(path, options, (hdf5) => piecesOfSlice(dataset, { ...info, hdf5 }, slice, options));
  return { info, pieces: (options) => slicePieces(fullSlice(shape.length), options), slicePieces };
}

function dtypeOf({ type, size, signed, kind, members }: Hdf5Dataset): DType | undefined {
  const bits = size * 8;
  if (type === TYPE.integer) return INTEGERS.find((known) => known === `${signed ? "" : "u"}int${bits}`);
  if (type === TYPE.float) return FLOATS.find((known) => known === `float${bits}`);
  if (type === TYPE.enumeration) return members === "FALSE,TRUE" ? "bool" : undefined;
  return type === TYPE.opaque && kind === "bfloat16" ? "bfloat16" : undefined;
}

const INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"] as const;
const FLOATS = ["float16", "float32", "float64"] as const;

interface Source {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly hdf5: OpenHdf5;
}

async function* piecesOfSlice(
  { name, littleEndian, type }: Hdf5Dataset,
  { dtype, shape, hdf5 }: Source,
  slice: TensorSlice,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  for (const part of partsOf(dtype, shape, options, slice)) {
    const own = sliceShape(shape, part);
    const offset = startOf(shape, part);
    const bytes = await hdf5.read({ name, offset, count: own, bytes: byteLength(dtype, own) }, options);
    // Opaque bytes have no order of their own; Keras writes them little-endian.
    if (!littleEndian && type !== TYPE.opaque) reverseUnits(bytes, dtypeInfo(dtype).swapUnit);
    yield tensorFromBytes(dtype, own, bytes);
  }
}

/** Returns the position of the first element of a part. */
function startOf(shape: readonly number[], part: TensorSlice): number[] {
  const whole = fullSlice(shape.length);
  return shape.map((_, d) => {
    const extent = part[d] ?? whole[d];
    return extent === undefined || extent === "full" ? 0 : extent.start;
  });
}

function reverseUnits(bytes: Uint8Array, unit: number): void {
  for (let at = 0; at < bytes.length; at += unit) bytes.subarray(at, at + unit).reverse();
}
