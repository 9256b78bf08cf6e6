import {
  InvalidArgumentError,
  isNumeric,
  type OperationOptions,
  type Tensor,
  tensorBytes,
  tensorStrings,
  throwIfAborted,
  UnimplementedError,
} from "@tfsaver/core";
import { crc32c, maskCrc } from "@tfsaver/core/coding";
import { compareBytes, TableWriter } from "@tfsaver/sstable";
import { createAtomically, dirname, type FileInProgress, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { encodeEntry } from "./entry.js";
import { encodeHeader } from "./header.js";
import { dataFilename, HEADER_KEY, indexFilename, nameToKey, SLICE_KEY_MARK } from "./names.js";
import { encodeStrings } from "./strings.js";

/** Options of {@link BundleWriter}. */
export interface BundleWriterOptions extends OperationOptions {
  /** Where to write. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Small tensors are handed to the storage together, up to this many bytes or chunks. */
const BATCH_BYTES = 8 << 20;
const BATCH_CHUNKS = 1024;

/**
 * Writes a V2 checkpoint of one shard, byte for byte as TensorFlow's `SaveV2` does: tensors lie in the data file in
 * the order of {@link BundleWriter.add}, and the index is sorted by name.
 *
 * Tensors are written straight from their memory. Nothing is visible under the final names until
 * {@link BundleWriter.finish}, which commits the data file first and the index last.
 */
export class BundleWriter {
  readonly #storage: Storage;
  readonly #entries = new Map<string, Uint8Array>();
  #data: FileInProgress | undefined;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #offset = 0;

  /** @param prefix - the checkpoint's path; one missing directory level is made, as TensorFlow does */
  constructor(
    readonly prefix: string,
    private readonly options: BundleWriterOptions = {},
  ) {
    this.#storage = options.storage ?? defaultStorage();
  }

  /** Bytes of tensor data added so far. */
  get size(): number {
    return this.#offset;
  }

  /**
   * Adds a tensor. Its memory must not change until the promise of {@link BundleWriter.finish} is settled.
   *
   * @throws `InvalidArgumentError` if the name is empty, starts with a zero byte, or was added before;
   * `UnimplementedError` for `resource` and `variant`; the storage's errors. After an error, call
   * {@link BundleWriter.discard}.
   */
  async add(name: string, tensor: Tensor): Promise<void> {
    throwIfAborted(this.options.signal);
    if (name === "" || name.charCodeAt(0) === SLICE_KEY_MARK) {
      throw new InvalidArgumentError(`A tensor can't have the name ${JSON.stringify(name)}`, { tensor: name });
    }
    if (this.#entries.has(name)) throw new InvalidArgumentError(`Adding duplicate key: ${name}`, { tensor: name });
    const { chunks, size, crc } = encodeTensor(name, tensor);
    const { dtype, shape } = tensor;
    const place = { shard: 0, offset: this.#offset, size };
    this.#entries.set(name, encodeEntry({ dtype, shape, ...place, maskedCrc32c: maskCrc(crc) }));
    this.#offset += size;
    for (const chunk of chunks) {
      this.#batch.push(chunk);
      this.#batchBytes += chunk.length;
      if (this.#batchBytes >= BATCH_BYTES || this.#batch.length >= BATCH_CHUNKS) await this.#flush();
    }
  }

  /**
   * Commits the checkpoint: flushes and renames the data file, then the index. A failure before the index has its name
   * leaves no new checkpoint, and no temporary file.
   */
  async finish(): Promise<void> {
    try {
      await this.#flush();
      const data = await this.#openData();
      throwIfAborted(this.options.signal);
      const index = await this.#writeIndex();
      try {
        await data.commit();
        await index.commit();
      } catch (error) {
        await index.discard();
        throw error;
      }
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Gives the checkpoint up and removes its temporary file. Never throws. */
  async discard(): Promise<void> {
    await this.#data?.discard();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length > 0) await (await this.#openData()).file.write(batch);
  }

  async #openData(): Promise<FileInProgress> {
    if (this.#data === undefined) {
      const directory = dirname(this.prefix);
      if (directory !== "") await this.#storage.createDirectory(directory);
      this.#data = await createAtomically(this.#storage, dataFilename(this.prefix, 0, 1), temporarySuffix());
    }
    return this.#data;
  }

  async #writeIndex(): Promise<FileInProgress> {
    const index = await createAtomically(this.#storage, indexFilename(this.prefix), temporarySuffix());
    try {
      const table = new TableWriter(index.file);
      table.add(HEADER_KEY, encodeHeader(1));
      const rows = [...this.#entries].map(([name, entry]) => ({ key: nameToKey(name), entry }));
      rows.sort((a, b) => compareBytes(a.key, b.key));
      for (const { key, entry } of rows) table.add(key, entry);
      await table.finish();
      return index;
    } catch (error) {
      await index.discard();
      throw error;
    }
  }
}

function encodeTensor(name: string, tensor: Tensor) {
  if (isNumeric(tensor.dtype)) {
    const bytes = tensorBytes(tensor);
    return { chunks: [bytes], size: bytes.length, crc: crc32c(bytes) };
  }
  if (tensor.dtype !== "string") {
    throw new UnimplementedError(`Tensor ${name} of dtype ${tensor.dtype} can't be saved`, { tensor: name });
  }
  const { chunks, size, crc32c: crc } = encodeStrings(tensorStrings(tensor));
  return { chunks, size, crc };
}

/** TensorFlow's form of a temporary name: `.tempstate` and a random 64-bit number. */
function temporarySuffix(): string {
  return `.tempstate${crypto.getRandomValues(new BigUint64Array(1))[0]}`;
}
