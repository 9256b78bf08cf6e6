import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import {
  allocateTensor,
  asyncDispose,
  type DType,
  dtypeInfo,
  FailedPreconditionError,
  fullSlice,
  InvalidArgumentError,
  NotFoundError,
  type Shape,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
  throwIfAborted,
  zeroTensor,
} from "@tfsaver/core";
import { PIECE_BYTES } from "@tfsaver/core/coding";
import { cutSlice, type ReadOptions, type StreamOptions } from "@tfsaver/core/slices";

/** Options of reading one tensor of a file. */
export type PieceOptions = Pick<StreamOptions, "signal" | "pieceBytes" | "allocate">;

/** A tensor of a file: what is known of it, and how to read it. */
export interface StoredTensor {
  readonly info: TensorInfo;
  /** Yields smaller tensors, in row-major order; one of strings comes whole. */
  readonly pieces: (options: PieceOptions) => AsyncIterable<Tensor>;
}

/** The tensors of a file of another format, as a source to copy from. */
export class FileSource implements TensorSource {
  readonly #tensors = new Map<string, StoredTensor>();
  #isClosed = false;

  /**
   * @param paths - the files
   * @param metadata - text that is stored with the tensors, apart from what became tensors again
   * @param prefix - the checkpoint that the tensors are read from, if it is one
   */
  constructor(
    readonly paths: readonly string[],
    tensors: readonly StoredTensor[],
    readonly metadata: Readonly<Record<string, string>>,
    private readonly closeFiles: () => Promise<void>,
    readonly prefix?: string | undefined,
  ) {
    for (const tensor of [...tensors].sort(byName)) this.#tensors.set(tensor.info.name, tensor);
  }

  async *tensors(): AsyncGenerator<TensorInfo> {
    for (const { info } of this.#tensors.values()) yield info;
  }

  async *stream(name: string, options: StreamOptions = {}): AsyncGenerator<Tensor> {
    yield* this.#find(name, options.slice).pieces(options);
  }

  async get(name: string, slice?: TensorSlice, options: ReadOptions = {}): Promise<Tensor> {
    const { info, pieces } = this.#find(name, slice);
    for await (const whole of pieces({ signal: options.signal, pieceBytes: Number.POSITIVE_INFINITY })) return whole;
    return zeroTensor(info.dtype, info.shape);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.closeFiles();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(name: string, slice: TensorSlice | undefined): StoredTensor {
    const [path] = this.paths;
    if (this.#isClosed) throw new FailedPreconditionError(`${path} is closed: open it again`, { path });
    const found = this.#tensors.get(name);
    if (found === undefined) throw new NotFoundError(`${path} has no tensor ${name}`, { path, tensor: name });
    if (slice !== undefined) throw new InvalidArgumentError(`${path} holds ${name} whole, not in slices`, { path });
    return found;
  }
}

function byName(a: StoredTensor, b: StoredTensor): number {
  return compareNames(a.info.name, b.info.name);
}

/** Compares names by their Unicode characters, which is the order of their UTF-8 bytes. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // The halves of a pair come before U+E000 as code units, but not as characters.
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}

/** Reads the bytes of a tensor one after another. */
export interface ByteReader {
  /** Fills memory with the next bytes. */
  readonly fill: (target: Uint8Array, options: PieceOptions) => Promise<void>;
  /** Called after the last byte: verifies what there is to verify. */
  readonly end?: () => Promise<void>;
  /** Called at last, also if not all was read. */
  readonly close?: () => Promise<void>;
}

/** Yields the pieces of a numeric tensor. The last one comes only when all of them are verified. */
export async function* piecesOf(
  { dtype, shape }: Pick<TensorInfo, "dtype" | "shape">,
  { fill, end, close }: ByteReader,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  try {
    let last: Tensor | undefined;
    for (const part of partsOf(dtype, shape, options)) {
      throwIfAborted(options.signal);
      const piece = allocateTensor(dtype, sliceShape(shape, part), options.allocate);
      await fill(tensorBytes(piece), options);
      if (last !== undefined) yield last;
      last = piece;
    }
    await end?.();
    if (last !== undefined) yield last;
  } finally {
    await close?.();
  }
}

/** Cuts a tensor into the parts that are its pieces. */
export function partsOf(dtype: DType, shape: Shape, { pieceBytes = PIECE_BYTES }: PieceOptions): Iterable<TensorSlice> {
  const elements = Math.max(1, Math.floor(pieceBytes / dtypeInfo(dtype).size));
  return cutSlice(shape, fullSlice(shape.length), elements);
}
