import { dataFilename, temporaryFilename } from "@tfsaver/checkpoint-names";
import {
  type CommitOptions,
  contentSize,
  type OperationOptions,
  type ShapeAndSlice,
  type Tensor,
  throwIfAborted,
} from "@tfsaver/core";
import { maskCrc } from "@tfsaver/core/coding";
import {
  type CallOptions,
  createAtomically,
  createDirectoryIfMissing,
  dirname,
  type FileInProgress,
  type Storage,
} from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { commitBundle } from "./commit.js";
import { encodeTensor } from "./encode-tensor.js";
import { WriteBehind } from "./write-behind.js";
import { writeIndex } from "./write-index.js";

/** Options of writing a bundle. */
export interface BundleWriterOptions extends CallOptions, CommitOptions {
  /** Where to write. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Bytes of which every tensor's offset is a multiple, with zeros between. Default: 1, as TensorFlow's operations. */
  readonly alignment?: number | undefined;
}

/** A tensor, or a part of one, by its name. */
export interface NewTensorKey {
  readonly name: string;
  /** Of which tensor it is which part. Default: it is the whole. */
  readonly part?: ShapeAndSlice | undefined;
}

/** Where a tensor lies in the data file. */
export interface StoredTensor {
  readonly offset: number;
  readonly size: number;
  readonly maskedCrc32c: number;
}

/** The one data file of a bundle that is being written, and its commit together with an index. */
export class DataWriter {
  readonly #storage: Storage;
  readonly #alignment: number;
  readonly #writes = new WriteBehind(async () => (await this.#open()).file);
  #file: FileInProgress | undefined;
  #size = 0;

  /** @param prefix - the checkpoint's path; one missing directory level is made, as TensorFlow does */
  constructor(
    private readonly prefix: string,
    private readonly options: BundleWriterOptions,
  ) {
    this.#storage = options.storage ?? defaultStorage();
    this.#alignment = options.alignment ?? 1;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Puts tensors, whose memory must stay as it is, behind those before, and tells of the progress after each.
   *
   * @param tensors - one for each key
   * @param note - is told of each where it lies and what its checksum is
   */
  async write(
    keys: readonly NewTensorKey[],
    tensors: readonly Tensor[],
    note: (index: number, stored: StoredTensor) => void,
    { onProgress }: Pick<OperationOptions, "onProgress">,
  ): Promise<void> {
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
      note(i, { offset, size: this.#size - offset, maskedCrc32c: maskCrc(encoded.crc32c()) });
      const over = this.#size % this.#alignment;
      if (over > 0) await this.#append(new Uint8Array(this.#alignment - over));
      if (total === undefined) continue;
      done += contentSize(tensor);
      onProgress?.({ done, total, tensor: name });
    }
  }

  /**
   * Gives a promise only if there is something to wait for: with thousands of small tensors, to wait for nothing would take
   * longer than all the rest.
   */
  #append(chunk: Uint8Array): Promise<void> | undefined {
    this.#size += chunk.length;
    return this.#writes.add(chunk);
  }

  /**
   * Writes the index and gives both files their names; see `commitBundle`. A failure leaves what was there before, or
   * all of the new checkpoint, and no temporary file.
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

  /** Gives up, and removes the temporary file. Never throws. */
  async discard(): Promise<void> {
    await this.#writes.abandon();
    await this.#file?.discard();
  }

  async #open(): Promise<FileInProgress> {
    if (this.#file === undefined) {
      const directory = dirname(this.prefix);
      if (directory !== "") await createDirectoryIfMissing(this.#storage, directory);
      const path = dataFilename(this.prefix, 0, 1);
      this.#file = await createAtomically(this.#storage, path, temporaryFilename(path));
    }
    return this.#file;
  }
}
