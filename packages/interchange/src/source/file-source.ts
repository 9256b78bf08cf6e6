import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import {
  allocateTensor,
  asyncDispose,
  dtypeInfo,
  FailedPreconditionError,
  fullSlice,
  InvalidArgumentError,
  NotFoundError,
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
export type PieceOptions = Pick<StreamOptions, "signal" | "pieceBytes">;

/** A tensor of a file: what is known of it, and how to read it. */
export interface StoredTensor {
  readonly info: TensorInfo;
  /** Yields smaller tensors, in row-major order; one of strings comes whole. */
  readonly pieces: (options: PieceOptions) => AsyncIterable<Tensor>;
}

/** Fills memory with the next bytes of a tensor. */
export type FillBytes = (target: Uint8Array, options: PieceOptions) => Promise<void>;

/** The tensors of a file of another format, as a source to copy from. */
export class FileSource implements TensorSource {
  readonly #tensors = new Map<string, StoredTensor>();
  #isClosed = false;

  /**
   * @param paths - the files
   * @param metadata - text that is stored with the tensors, apart from what became tensors again
   */
  constructor(
    readonly paths: readonly string[],
    tensors: readonly StoredTensor[],
    readonly metadata: Readonly<Record<string, string>>,
    private readonly closeFiles: () => Promise<void>,
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

/** Yields the pieces of a numeric tensor whose bytes are read one after another. */
export async function* piecesOf(
  { dtype, shape }: TensorInfo,
  fill: FillBytes,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  const { pieceBytes = PIECE_BYTES } = options;
  const elements = Math.max(1, Math.floor(pieceBytes / dtypeInfo(dtype).size));
  for (const part of cutSlice(shape, fullSlice(shape.length), elements)) {
    throwIfAborted(options.signal);
    const piece = allocateTensor(dtype, sliceShape(shape, part));
    await fill(tensorBytes(piece), options);
    yield piece;
  }
}
