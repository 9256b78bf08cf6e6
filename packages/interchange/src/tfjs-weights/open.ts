import {
  byteLength,
  type DType,
  fullSlice,
  isNumeric,
  makeTensor,
  numberDecoder,
  numElements,
  packedTensor,
  type Tensor,
  type TensorSlice,
  throwIfAborted,
  zeroTensor,
} from "@tfsaver/core";
import { type CallOptions, dirname, joinPath, readFile, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { uncarry } from "../source/carried.js";
import { explained } from "../source/explained.js";
import { FileSource, type StoredTensor } from "../source/file-source.js";
import { isObject, parseJsonObject } from "../source/parse-json.js";
import { type PieceOptions, slicePiecesIn } from "../source/pieces.js";
import { JoinedFiles } from "./joined-files.js";
import { damaged, parseManifest, type Quantization, type Weight, type WeightGroup } from "./manifest.js";

/** Options of {@link openTfjsWeights}. */
export interface OpenTfjsWeightsOptions extends CallOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Bytes of the largest `model.json` that is read (64 MiB). */
const MAX_MODEL_BYTES = 64 << 20;
/** Bytes in front of a string: its length. */
const LENGTH_BYTES = 4;
/** Bytes of strings that are read at once (1 MiB). */
const BLOCK_BYTES = 1 << 20;

/**
 * Opens the weights of a model of TensorFlow.js by its `model.json`, as a source of tensors. Close it after use. The files of the
 * weights must be beside it. Quantized weights become the numbers that TensorFlow.js computes from them.
 *
 * @throws `NotFoundError` if a file does not exist; `DataLossError` if one is damaged; `UnimplementedError` for dtypes that
 * TensorFlow.js lacks.
 *
 * @example
 * ```ts
 * import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
 * import { openTfjsWeights } from "@tfsaver/interchange/tfjs-weights";
 *
 * await using source = await openTfjsWeights("web/model.json");
 * await convertCheckpoint(source, "run/model.ckpt");
 * ```
 */
export function openTfjsWeights(path: string, options: OpenTfjsWeightsOptions = {}): Promise<FileSource> {
  return explained(path, options, () => openModel(path, options));
}

async function openModel(path: string, options: OpenTfjsWeightsOptions): Promise<FileSource> {
  const { storage = defaultStorage() } = options;
  const size = (await storage.stat(path))?.size ?? 0;
  if (size > MAX_MODEL_BYTES) throw damaged(path, `it has ${size} bytes; 64 MiB are possible`);
  const model = parseJsonObject(await readFile(storage, path, options), path);
  const groups: JoinedFiles[] = [];
  const close = async () => {
    for (const group of groups.splice(0)) await group.close();
  };
  try {
    const tensors = new Map<string, StoredTensor>();
    const paths = [path];
    for (const group of parseManifest(model, path)) {
      const files = group.files.map((name) => joinPath(dirname(path), name));
      for (const file of files) paths.push(file);
      const joined = await JoinedFiles.open(files, storage, options);
      groups.push(joined);
      for (const tensor of await tensorsOf(group, joined, path, options)) {
        if (tensors.has(tensor.info.name)) throw damaged(path, `it has two weights named ${tensor.info.name}`);
        tensors.set(tensor.info.name, tensor);
      }
    }
    const texts = Object.entries(isObject(model.userDefinedMetadata) ? model.userDefinedMetadata : {});
    const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === "string";
    const apart = uncarry(Object.fromEntries(texts.filter(isText)), path);
    return new FileSource(paths, [...tensors.values(), ...apart.tensors], apart.metadata, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Finds the places of weights, which lie one after another. */
async function tensorsOf(
  { weights }: WeightGroup,
  files: JoinedFiles,
  path: string,
  options: CallOptions,
): Promise<StoredTensor[]> {
  const tensors: StoredTensor[] = [];
  let at = 0;
  for (const weight of weights) {
    const { name, dtype, shape, quantization } = weight;
    const stored = quantization?.dtype ?? dtype;
    const size = isNumeric(stored) ? byteLength(stored, shape) : await sizeOfStrings(weight, files, at, path, options);
    if (at + size > files.size)
      throw damaged(path, `the files of weight ${name} end at ${files.size}, not at ${at + size}`);
    const info = { name, dtype, shape, size, slices: [], shard: 0 };
    const place = { files, offset: at, size };
    tensors.push({ info, ...readersOf(weight, place), locate: async () => files.locate(place.offset, size) });
    at += size;
  }
  if (at !== files.size) throw damaged(path, `its weights take ${at} bytes, and the files have ${files.size}`);
  return tensors;
}

interface Place {
  readonly files: JoinedFiles;
  readonly offset: number;
  readonly size: number;
}

function readersOf(weight: Weight, place: Place): Pick<StoredTensor, "pieces" | "slicePieces"> {
  const { dtype, shape } = weight;
  if (!isNumeric(dtype)) return { pieces: (options) => stringPieces(weight, place, options) };
  return {
    pieces: (options) => numberPieces(weight, place, fullSlice(shape.length), options),
    slicePieces: (slice, options) => numberPieces(weight, place, slice, options),
  };
}

async function* stringPieces(weight: Weight, place: Place, options: PieceOptions): AsyncGenerator<Tensor> {
  yield await readStrings(weight, place, options);
}

async function* numberPieces(
  { dtype, shape, quantization }: Weight,
  { files, offset }: Place,
  slice: TensorSlice,
  { pieceBytes, signal }: PieceOptions,
): AsyncGenerator<Tensor> {
  const read = (start: number, target: Uint8Array) => files.readInto(offset + start, target, { signal });
  if (quantization === undefined) yield* slicePiecesIn({ dtype, shape }, slice, read, { pieceBytes, signal });
  else {
    // The pieces are counted in bytes of the result.
    const ratio = byteLength(quantization.dtype, [1]) / byteLength(dtype, [1]);
    const scaled = { signal, ...(pieceBytes !== undefined && { pieceBytes: pieceBytes * ratio }) };
    for await (const piece of slicePiecesIn({ dtype: quantization.dtype, shape }, slice, read, scaled)) {
      yield dequantize(piece, dtype, quantization);
    }
  }
}

/** Computes numbers as TensorFlow.js does: in 64 bits, then rounded to the dtype. */
function dequantize({ dtype: stored, shape, data }: Tensor, dtype: DType, { scale, min }: Quantization): Tensor {
  const target = zeroTensor(dtype, shape).data as Float32Array;
  const decode = numberDecoder(stored);
  for (let i = 0; i < target.length; i++) {
    const value = data[i] as number;
    if (decode !== undefined) target[i] = decode(value);
    else target[i] = dtype === "int32" ? Math.round(value * scale + min) : value * scale + min;
  }
  return makeTensor(dtype, shape, target);
}

/** Adds up the lengths of strings. Each has at least the bytes of its own length, so that no shape can ask for more. */
async function sizeOfStrings(
  { name, shape }: Weight,
  files: JoinedFiles,
  offset: number,
  path: string,
  options: CallOptions,
): Promise<number> {
  const count = numElements(shape);
  const bad = () => damaged(path, `the files end before the last string of weight ${name}`);
  if (count * LENGTH_BYTES > files.size - offset) throw bad();
  const lengths = new LengthReader(files);
  let at = offset;
  for (let i = 0; i < count; i++) {
    throwIfAborted(options.signal);
    if (at + LENGTH_BYTES > files.size) throw bad();
    at += LENGTH_BYTES + (await lengths.at(at, options));
  }
  return at - offset;
}

/** Reads lengths in ascending order, many from one block. */
class LengthReader {
  #block = new Uint8Array();
  #start = 0;

  constructor(private readonly files: JoinedFiles) {}

  async at(offset: number, options: CallOptions): Promise<number> {
    if (offset + LENGTH_BYTES > this.#start + this.#block.length) {
      this.#block = new Uint8Array(Math.min(BLOCK_BYTES, this.files.size - offset));
      this.#start = offset;
      await this.files.readInto(offset, this.#block, options);
    }
    const { buffer, byteOffset, length } = this.#block;
    return new DataView(buffer, byteOffset, length).getUint32(offset - this.#start, true);
  }
}

async function readStrings({ shape }: Weight, { files, offset, size }: Place, options: CallOptions): Promise<Tensor> {
  const stored = new Uint8Array(size);
  await files.readInto(offset, stored, { signal: options.signal });
  const view = new DataView(stored.buffer);
  const lengths = new Float64Array(numElements(shape));
  // Moves the strings together, in their own memory.
  let [from, to] = [0, 0];
  for (let i = 0; i < lengths.length; i++) {
    const length = view.getUint32(from, true);
    stored.copyWithin(to, from + LENGTH_BYTES, from + LENGTH_BYTES + length);
    lengths[i] = length;
    from += LENGTH_BYTES + length;
    to += length;
  }
  return packedTensor("string", shape, { bytes: stored.subarray(0, to), lengths });
}
