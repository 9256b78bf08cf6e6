import { dataFilename, temporaryFilename } from "@tfsaver/checkpoint-names";
import {
  contentSize,
  isNumeric,
  type OperationOptions,
  type ShapeAndSlice,
  type Tensor,
  throwIfAborted,
} from "@tfsaver/core";
import { CHUNK_BYTES, crc32c, maskCrc } from "@tfsaver/core/coding";
import type { CommitOptions } from "@tfsaver/storage";
import {
  type CallOptions,
  createAtomically,
  createDirectoryIfMissing,
  dirname,
  type FileInProgress,
  type Storage,
  storageAt,
} from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { commitBundle } from "../commit.js";
import { encodeTensor } from "../encode/encode-tensor.js";
import { WriteBehind } from "./write-behind.js";
import { writeIndex } from "./write-index.js";

/** Options of {@link BundleWriter}. */
export interface BundleWriterOptions extends CallOptions, CommitOptions {
  /** The storage to write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Alignment of tensors in the data file, in bytes, with zeros between them. Default: 1, as TensorFlow's operations. */
  readonly alignment?: number | undefined;
  /**
   * Number of bytes of all tensors together at least, so that a storage can refuse what it can't hold. Default: the bytes of the
   * numeric tensors that are added first, in one call.
   */
  readonly expectedBytes?: number | undefined;
}

/** The name of a tensor to write, and the slice if it is a part of one. */
export interface NewTensorKey {
  readonly name: string;
  /** Shape of the whole tensor, and the slice. Default: the whole tensor. */
  readonly part?: ShapeAndSlice | undefined;
}

/** The place of a tensor in the data file, and its checksum. */
export interface StoredTensor {
  readonly offset: number;
  readonly size: number;
  readonly maskedCrc32c: number;
}

/** Writes the one data file of a bundle, and commits it together with an index. */
export class DataWriter {
  readonly #storage: Storage;
  readonly #alignment: number;
  readonly #writes = new WriteBehind(async () => (await this.#open()).file);
  #file: FileInProgress | undefined;
  #size = 0;
  #expectedBytes: number | undefined;

  /** @param prefix - path of the checkpoint; one missing level of folders is created, as in TensorFlow */
  constructor(
    private readonly prefix: string,
    private readonly options: BundleWriterOptions,
  ) {
    this.#storage = storageAt(options.staging ?? options.storage ?? defaultStorage(), prefix);
    this.#alignment = options.alignment ?? 1;
    this.#expectedBytes = options.expectedBytes;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends tensors and reports progress after each. Their memory must not change until the commit.
   *
   * @param tensors - one for each key
   * @param onStored - called after each tensor with its index, place and checksum
   */
  async write(
    keys: readonly NewTensorKey[],
    tensors: readonly Tensor[],
    onStored: (index: number, stored: StoredTensor) => void,
    { onProgress }: Pick<OperationOptions, "onProgress">,
  ): Promise<void> {
    this.#expectedBytes ??= bytesOfNumbers(tensors);
    const total = onProgress && tensors.reduce((sum, tensor) => sum + contentSize(tensor), 0);
    let done = 0;
    for (let i = 0; i < keys.length; i++) {
      throwIfAborted(this.options.signal);
      const { name } = keys[i] as NewTensorKey;
      const tensor = tensors[i] as Tensor;
      const offset = this.#size;
      const encoded = encodeTensor(name, tensor);
      for (const chunk of encoded.chunks()) {
        const pending = this.#append(chunk);
        if (pending !== undefined) await pending;
      }
      onStored(i, { offset, size: this.#size - offset, maskedCrc32c: maskCrc(encoded.crc32c()) });
      if (this.#alignment > 1) await this.#pad();
      if (total === undefined) continue;
      done += contentSize(tensor);
      onProgress?.({ done, total, tensor: name });
    }
  }

  /**
   * Appends the bytes of one tensor as they come. Their memory must not change until the commit, or until `onWritten` is called
   * with them.
   */
  async writeStream(chunks: AsyncIterable<Uint8Array>, onWritten?: (bytes: Uint8Array) => void): Promise<StoredTensor> {
    const offset = this.#size;
    let crc = 0;
    for await (const chunk of chunks) {
      throwIfAborted(this.options.signal);
      crc = crc32c(chunk, crc);
      await this.#append(chunk, CHUNK_BYTES, onWritten && (() => onWritten(chunk)));
    }
    const stored = { offset, size: this.#size - offset, maskedCrc32c: maskCrc(crc) };
    await this.#pad();
    return stored;
  }

  async #pad(): Promise<void> {
    const over = this.#size % this.#alignment;
    if (over > 0) await this.#append(new Uint8Array(this.#alignment - over));
  }

  /**
   * Appends a chunk. Returns a promise only if there is something to wait for: for thousands of small tensors, needless awaits
   * would take longer than everything else.
   */
  #append(chunk: Uint8Array, largestBatch?: number, onWritten?: () => void): Promise<void> | undefined {
    this.#size += chunk.length;
    return this.#writes.add(chunk, largestBatch, onWritten);
  }

  /**
   * Writes the index and commits both files; see `commitBundle`. A failure leaves the checkpoint that was there before, or all
   * of the new one, and no temporary file.
   */
  async commit(index: Uint8Array | Promise<Uint8Array>): Promise<void> {
    try {
      await this.#writes.flush();
      const data = await this.#open();
      throwIfAborted(this.options.signal);
      const indexFile = await writeIndex(this.#storage, this.prefix, await index);
      try {
        await data.seal();
        await commitBundle(this.#storage, this.prefix, [data.workingPath], indexFile, this.options);
      } catch (error) {
        await indexFile.discard();
        throw error;
      }
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Removes the temporary file. Never throws. */
  async discard(): Promise<void> {
    await this.#writes.abandon();
    await this.#file?.discard();
  }

  async #open(): Promise<FileInProgress> {
    if (this.#file === undefined) {
      const directory = dirname(this.prefix);
      if (directory !== "") await createDirectoryIfMissing(this.#storage, directory);
      const path = dataFilename(this.prefix, 0, 1);
      const expectedBytes = this.#expectedBytes;
      this.#file = await createAtomically(this.#storage, path, temporaryFilename(path), { expectedBytes });
    }
    return this.#file;
  }
}

/** Counts the bytes of numeric tensors. Those of strings are not worth a walk over all of them. */
function bytesOfNumbers(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, tensor) => sum + (isNumeric(tensor.dtype) ? contentSize(tensor) : 0), 0);
}
