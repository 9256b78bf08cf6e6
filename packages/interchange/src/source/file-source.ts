import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import {
  asyncDispose,
  completeSlice,
  FailedPreconditionError,
  isWhole,
  NotFoundError,
  sliceShape,
  type Tensor,
  type TensorSlice,
  zeroTensor,
} from "@tfsaver/core";
import type { ReadOptions, StreamOptions } from "@tfsaver/core/slices";
import type { CallOptions } from "@tfsaver/storage";
import { type PieceOptions, slicePiecesOf } from "./pieces.js";

/** A tensor of a file: what is known of it, and how to read it. */
export interface StoredTensor {
  readonly info: TensorInfo;
  /** Yields smaller tensors, cut as by `cutSlice`; one of strings comes whole. */
  readonly pieces: (options: PieceOptions) => AsyncIterable<Tensor>;
  /**
   * Yields a slice as smaller tensors, in row-major order, and reads little else. Undefined if all of the tensor must be read to
   * get to a part of it.
   */
  readonly slicePieces?: ((slice: TensorSlice, options: PieceOptions) => AsyncIterable<Tensor>) | undefined;
  /** True if the file has a checksum of the tensor, which `pieces` compares and `slicePieces` does not. Default: false. */
  readonly hasChecksum?: boolean | undefined;
  /** Returns where the bytes lie; undefined if the format does not tell. */
  readonly locate?: ((options: CallOptions) => Promise<FileRange | undefined>) | undefined;
}

/** A range of a file. */
export interface FileRange {
  readonly path: string;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
}

/** How a file stores a tensor. */
export interface StoredForm {
  /** True if a slice of the tensor is read without the rest, unless a checksum is to be compared. */
  readonly inParts: boolean;
  /** True if the file has a checksum of the tensor. */
  readonly hasChecksum: boolean;
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

  /** Yields a tensor, or any slice of it, in pieces. See {@link StoredForm} for what is read. */
  async *stream(name: string, options: StreamOptions = {}): AsyncGenerator<Tensor> {
    const stored = this.#find(name);
    const { slice, checksums, ...pieceOptions } = options;
    yield* readStored(stored, sliceIn(stored, slice, this.paths[0]), checksums, pieceOptions);
  }

  /** Reads a tensor, or any slice of it. See {@link StoredForm} for what is read. */
  async get(name: string, slice?: TensorSlice, { signal, checksums }: ReadOptions = {}): Promise<Tensor> {
    const stored = this.#find(name);
    const part = sliceIn(stored, slice, this.paths[0]);
    const onePiece = { signal, pieceBytes: Number.POSITIVE_INFINITY };
    for await (const tensor of readStored(stored, part, checksums, onePiece)) return tensor;
    const { dtype, shape } = stored.info;
    return zeroTensor(dtype, part === undefined ? shape : sliceShape(shape, part));
  }

  /**
   * Tells how the file stores a tensor.
   *
   * @throws `NotFoundError` if there is no such tensor.
   */
  form(name: string): StoredForm {
    const { slicePieces, hasChecksum = false } = this.#find(name);
    return { inParts: slicePieces !== undefined, hasChecksum };
  }

  /**
   * Finds the bytes of a tensor.
   *
   * @returns undefined if the format does not tell
   * @throws `NotFoundError` if there is no such tensor.
   */
  async locate(name: string, options: CallOptions = {}): Promise<FileRange | undefined> {
    return this.#find(name).locate?.(options);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.closeFiles();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(name: string): StoredTensor {
    const [path] = this.paths;
    if (this.#isClosed) throw new FailedPreconditionError(`${path} is closed: open it again`, { path });
    const found = this.#tensors.get(name);
    if (found === undefined) throw new NotFoundError(`${path} has no tensor ${name}`, { path, tensor: name });
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

/** Returns the part of a tensor that is to be read; undefined for all of it. */
function sliceIn(
  { info: { name, shape } }: StoredTensor,
  slice: TensorSlice | undefined,
  path: string | undefined,
): TensorSlice | undefined {
  if (slice === undefined) return undefined;
  const complete = completeSlice(slice, shape.length);
  sliceShape(shape, complete, { path, tensor: name });
  return isWhole(shape, complete) ? undefined : complete;
}

function readStored(
  stored: StoredTensor,
  slice: TensorSlice | undefined,
  checksums: ReadOptions["checksums"],
  options: PieceOptions,
): AsyncIterable<Tensor> {
  const { info, pieces, slicePieces, hasChecksum = false } = stored;
  if (slice === undefined) return pieces(options);
  if (slicePieces !== undefined && (checksums === "none" || !hasChecksum)) return slicePieces(slice, options);
  return slicePiecesOf(info, pieces, slice, options);
}
