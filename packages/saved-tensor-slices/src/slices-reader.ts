import { AbortedError, copyOverlap, DataLossError, type DType, formatSlice, fullSlice, InternalError, InvalidArgumentError, isCheckpointError, isNumeric, NotFoundError, type OperationOptions, type Shape, shapesEqual, sliceShape, type Tensor, type TensorSlice, tensorBytes, UnimplementedError, zeroTensor } from "@tfsaver/core";
import { sliceKey } from "@tfsaver/core/coding";
import { slicesFor } from "@tfsaver/core/slices";
import { SavedTensorSlices } from "@tfsaver/proto/saved-slices/decode";
import { compareBytes, TableReader } from "@tfsaver/sstable";
import type { CallOptions, FileStat, ReadableFile, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { readMeta } from "./meta.js";
import { sliceFiles } from "./shards.js";
import { decodeValues } from "./slice-values.js";

/** Options of {@link SlicesReader.open}. */
export interface SlicesReaderOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** One part of a tensor and the file that holds it. */
export interface StoredPart {
  readonly slice: TensorSlice;
  /** Which of the checkpoint's files, counted from 0. */
  readonly file: number;
}

/** A tensor of a V1 checkpoint. */
export interface SlicesEntry {
  readonly name: string;
  readonly dtype: DType;
  /** Of the whole tensor. */
  readonly shape: Shape;
  readonly parts: readonly StoredPart[];
}

/** A read of one part: the block of the file that holds it. */
export interface PartRead {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly name: string;
}

interface OpenFile {
  readonly file: ReadableFile;
  readonly table: TableReader;
}

const utf8 = new TextEncoder();

/**
 * Reads a V1 checkpoint: one file, or all files that match a pattern. Opening reads the list of tensors of each file; a
 * tensor's values are read when they are asked for. {@link SlicesReader.close} it after use.
 */
export class SlicesReader {
  /** The slices of the tensors asked for so far, one list each, so that they are compared with each other only once. */
  readonly #slices = new Map<SlicesEntry, readonly TensorSlice[]>();

  private constructor(
    readonly pattern: string,
    private readonly files: readonly OpenFile[],
    private readonly tensors: ReadonlyMap<string, SlicesEntry>,
  ) {}

  /**
   * Opens the checkpoint whose files match `pattern`, such as `model.ckpt` or `model.ckpt-?????-of-00002`.
   *
   * @throws `NotFoundError` if no file matches; `DataLossError` if a file is no table; `InternalError` if it lacks its
   * list of tensors, or two files disagree; `InvalidArgumentError` if its version must not be read; `AbortedError` if
   * shards are replaced meanwhile.
   */
  static async open(pattern: string, options: SlicesReaderOptions = {}): Promise<SlicesReader> {
    const storage = options.storage ?? defaultStorage();
    const found = await lookAt(storage, pattern);
    if (found.length === 0) throw noFiles(pattern);
    const files: OpenFile[] = [];
    try {
      const tensors = new Map<string, SlicesEntry & { readonly parts: StoredPart[] }>();
      for (const [index, { path }] of found.entries()) {
        const open = await openTable(storage, path, options);
        files.push(open);
        for (const meta of await readMeta(open.table, path, options)) addMeta(tensors, meta, index, path);
      }
      await requireUnchanged(storage, pattern, found);
      return new SlicesReader(pattern, files, tensors);
    } catch (error) {
      await Promise.all(files.map(({ file }) => file.close()));
      // Of a file that is gone, it is more to the point that all of them have been replaced.
      if (isCheckpointError(error, "NotFoundError")) await requireUnchanged(storage, pattern, found);
      throw error;
    }
  }

  /** Paths of the files. */
  get paths(): string[] {
    return this.files.map(({ file }) => file.path);
  }

  /** All tensors in the order of their names' bytes. */
  entries(): SlicesEntry[] {
    const keyed = [...this.tensors.values()].map((entry) => ({ entry, key: utf8.encode(entry.name) }));
    return keyed.sort((a, b) => compareBytes(a.key, b.key)).map(({ entry }) => entry);
  }

  /** What is said of a tensor, or `undefined` if there is none of that name. */
  entry(name: string): SlicesEntry | undefined {
    return this.tensors.get(name);
  }

  /**
   * The value of a tensor, or of a part of it, in memory of its own.
   *
   * @throws `NotFoundError` if there is none of that name; `DataLossError` if its values are damaged;
   * `InvalidArgumentError` if the stored parts leave a gap, `InternalError` if they overlap, or `slice` does not fit.
   */
  async get(name: string, slice?: TensorSlice, options?: CallOptions): Promise<Tensor> {
    const { dtype, shape } = this.require(name);
    const wanted = slice ?? fullSlice(shape.length);
    const wantedShape = sliceShape(shape, wanted);
    const hit = this.#partsFor(name, wanted);
    const [only] = hit;
    if (only !== undefined && hit.length === 1 && shapesEqual(sliceShape(shape, only.slice), wantedShape)) {
      return this.readPart(name, only, options);
    }
    // Read first, so that no more is allocated than the files hold.
    const read = [];
    for (const part of hit) read.push({ slice: part.slice, tensor: await this.readPart(name, part, options) });
    const tensor = zeroTensor(dtype, wantedShape);
    for (const part of read) copyOverlap(shape, part, { slice: wanted, tensor });
    return tensor;
  }

  /**
   * Reads a numeric tensor, or a part of it, into memory of the caller's, little-endian.
   *
   * @throws as {@link SlicesReader.get}, and `InvalidArgumentError` if `target` has another size or the tensor is not
   * numeric.
   */
  async getInto(name: string, target: Uint8Array, slice?: TensorSlice, options?: CallOptions): Promise<void> {
    const { dtype } = this.require(name);
    if (!isNumeric(dtype)) throw new InvalidArgumentError(`Tensor ${name} of dtype ${dtype} has no bytes`);
    const bytes = tensorBytes(await this.get(name, slice, options));
    if (bytes.length !== target.length) {
      throw new InvalidArgumentError(`Tensor ${name} has ${bytes.length} bytes, the target ${target.length}`);
    }
    target.set(bytes);
  }

  /** The reads that getting a tensor, or a part of it, takes. */
  plan(name: string, slice?: TensorSlice): PartRead[] {
    const { shape } = this.require(name);
    return this.#partsFor(name, slice ?? fullSlice(shape.length)).flatMap((part) => {
      const { file, table } = this.files[part.file] as OpenFile;
      const block = table.locate(sliceKey(utf8.encode(name), part.slice));
      return block === undefined ? [] : [{ path: file.path, ...block, name }];
    });
  }

  /** @throws `NotFoundError` if there is no tensor of this name. */
  require(name: string): SlicesEntry {
    const entry = this.tensors.get(name);
    if (entry !== undefined) return entry;
    throw new NotFoundError(
      `Key ${name} not found in checkpoint: Tensor name "${name}" not found in checkpoint files ${this.pattern}`,
      { path: this.pattern, tensor: name },
    );
  }

  /** The values of one stored part. Throws as {@link SlicesReader.get}. */
  async readPart(name: string, part: StoredPart, options?: CallOptions): Promise<Tensor> {
    const { dtype, shape } = this.require(name);
    const { file, table } = this.files[part.file] as OpenFile;
    const label = `slice ${formatSlice(part.slice)} of ${name}`;
    const key = sliceKey(utf8.encode(name), part.slice);
    const found = await table.find(key, options);
    // Of what is missing, where it should be: in its block, or else behind all of them.
    const offset = found?.offset ?? table.locate(key)?.offset ?? file.size;
    const context = { path: file.path, offset, tensor: name };
    if (found === undefined) throw new DataLossError(`${file.path}: the ${label} is listed but missing`, context);
    const partShape = sliceShape(shape, part.slice);
    try {
      const { data } = SavedTensorSlices.decode(found.value);
      if (data === undefined || data.name !== name) throw new DataLossError("the entry is of another tensor");
      return decodeValues(data.data ?? new Uint8Array(), dtype, partShape);
    } catch (cause) {
      if (isCheckpointError(cause, "UnimplementedError"))
        throw new UnimplementedError(cause.message, { ...context, cause });
      if (!isCheckpointError(cause, "DataLossError")) throw cause;
      throw new DataLossError(`${file.path}: the ${label}: ${cause.message}`, { ...context, cause });
    }
  }

  /** Reads every block of every file, and gives what is damaged. */
  async *damagedBlocks(options?: CallOptions): AsyncGenerator<DataLossError> {
    for (const { table } of this.files) {
      for (const block of table.blocks(options)) {
        try {
          for (const _ of (await block.read()).entries());
        } catch (error) {
          if (!(error instanceof DataLossError)) throw error;
          yield error;
        }
      }
    }
  }

  /** Closes the files. The reader is of no use afterwards. */
  async close(): Promise<void> {
    await Promise.all(this.files.map(({ file }) => file.close()));
  }

  #partsFor(name: string, wanted: TensorSlice): StoredPart[] {
    const entry = this.require(name);
    const { shape, parts } = entry;
    const slices = this.#slices.get(entry) ?? parts.map((part) => part.slice);
    this.#slices.set(entry, slices);
    const path = this.files[parts[0]?.file ?? 0]?.file.path;
    const hit = new Set(slicesFor({ name, path, shape, slices }, wanted));
    return parts.filter((part) => hit.has(part.slice));
  }
}

interface FoundFile {
  readonly path: string;
  readonly stat: FileStat | undefined;
}

async function lookAt(storage: Storage, pattern: string): Promise<FoundFile[]> {
  const paths = await sliceFiles(storage, pattern);
  const mayChange = mayBeReplaced(storage, pattern, paths);
  return Promise.all(paths.map(async (path) => ({ path, stat: mayChange ? await storage.stat(path) : undefined })));
}

/** Whether others may take the place of some files between the opening of one and of the next. */
function mayBeReplaced({ capabilities }: Storage, pattern: string, paths: readonly string[]): boolean {
  return capabilities.atomicRename && !paths.includes(pattern);
}

/**
 * Makes sure that files which were opened one after another are of one checkpoint.
 *
 * @throws `AbortedError` if others are in their place now
 */
async function requireUnchanged(storage: Storage, pattern: string, found: readonly FoundFile[]): Promise<void> {
  const paths = found.map(({ path }) => path);
  if (!mayBeReplaced(storage, pattern, paths)) return;
  const now = await lookAt(storage, pattern);
  const isSame = ({ path, stat }: FoundFile, i: number) =>
    path === now[i]?.path && stat?.size === now[i]?.stat?.size && stat?.modifiedMs === now[i]?.stat?.modifiedMs;
  if (found.length === now.length && found.every(isSame)) return;
  throw new AbortedError(`${pattern} was written anew while it was opened: open it again`, { path: pattern });
}

function noFiles(pattern: string, cause?: Error): NotFoundError {
  const why = cause === undefined ? "" : ` (${cause.message})`;
  return new NotFoundError(
    `Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ${pattern}${why}`,
    { path: pattern, cause },
  );
}

async function openTable(storage: Storage, path: string, options: CallOptions): Promise<OpenFile> {
  let file: ReadableFile;
  try {
    file = await storage.open(path, options);
  } catch (cause) {
    // A directory of the name is no checkpoint, but no damage either.
    if (isCheckpointError(cause, "FailedPreconditionError")) throw noFiles(path, cause);
    throw cause;
  }
  try {
    return { file, table: await TableReader.open(file, options) };
  } catch (cause) {
    await file.close();
    if (!isCheckpointError(cause, "DataLossError")) throw cause;
    throw new DataLossError(
      `Unable to open table file ${path}: ${cause.message}: perhaps your file is in a different file format and you ` +
        "need to use a different restore operator?",
      { path, offset: cause.offset, cause },
    );
  }
}

function addMeta(
  tensors: Map<string, SlicesEntry & { readonly parts: StoredPart[] }>,
  meta: {
    readonly name: string;
    readonly dtype: DType;
    readonly shape: Shape;
    readonly slices: readonly TensorSlice[];
  },
  file: number,
  path: string,
): void {
  const { name, dtype, shape } = meta;
  const known = tensors.get(name);
  if (known !== undefined && (known.dtype !== dtype || !shapesEqual(known.shape, shape))) {
    throw new InternalError(`${path}: tensor ${name} has another dtype or shape than in a file before it`, {
      path,
      tensor: name,
    });
  }
  const parts = known?.parts ?? [];
  for (const slice of meta.slices) parts.push({ slice, file });
  if (known === undefined) tensors.set(name, { name, dtype, shape, parts });
}
