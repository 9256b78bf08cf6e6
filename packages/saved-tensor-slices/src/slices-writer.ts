import { temporaryFilename } from "@tfsaver/checkpoint-names";
import { SavedSlice, SavedTensorSlices } from "@tfsaver/checkpoint-proto/saved-slices";
import {
  type DType,
  formatShape,
  formatShapeAndSlice,
  fullSlice,
  InternalError,
  InvalidArgumentError,
  numElements,
  type OperationOptions,
  requireTensor,
  type Shape,
  type ShapeAndSlice,
  shapesEqual,
  sliceShape,
  type Tensor,
  type TensorSlice,
  throwIfAborted,
} from "@tfsaver/core";
import { CHUNK_BYTES, sliceKey } from "@tfsaver/core/coding";
import { sliceToProto } from "@tfsaver/core/slices";
import { compareBytes, TableWriter } from "@tfsaver/sstable";
import type { CommitOptions } from "@tfsaver/storage";
import { createAtomically, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { encodeValues, leastBytes, requireSavable } from "./slice-values.js";
import { encodeMeta, META_KEY, type TensorMeta } from "./tensor-list.js";

/** Options of {@link SlicesWriter}. */
export interface SlicesWriterOptions extends OperationOptions, CommitOptions {
  /** The storage to write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** A tensor that is read just before it is written, so that not all tensors need to be in memory. */
export interface DeferredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  read(): Promise<Tensor>;
}

interface Part {
  readonly name: string;
  readonly key: Uint8Array;
  readonly slice: TensorSlice;
  /** Bytes that the values take at least. */
  readonly bytes: number;
  readonly read: () => Promise<Tensor>;
}

const utf8 = new TextEncoder();

/**
 * Writes a V1 checkpoint file, byte for byte as TensorFlow's `TensorSliceWriter` does. Nothing is visible under the final
 * name until {@link SlicesWriter.finish}.
 *
 * For the same bytes as TensorFlow's operations, add tensors sorted by name.
 *
 * @example
 * ```ts
 * import { toTensor } from "@tfsaver/core";
 * import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
 * import { MemoryStorage } from "@tfsaver/storage";
 *
 * // Under Node.js, leave `storage` out to write to the local file system.
 * const writer = new SlicesWriter("model.ckpt", { storage: new MemoryStorage() });
 * writer.add("global_step", toTensor(7n));
 * writer.add("weights", toTensor([[1, 2], [3, 4]]));
 * await writer.finish();
 * ```
 */
export class SlicesWriter {
  readonly #tensors = new Map<string, TensorMeta & { readonly slices: TensorSlice[] }>();
  readonly #parts = new Map<string, Part>();

  /** @param path - path of the file; its folder must exist */
  constructor(
    readonly path: string,
    private readonly options: SlicesWriterOptions = {},
  ) {}

  /**
   * Adds a tensor. Its memory must not change until the promise of {@link SlicesWriter.finish} is settled.
   *
   * @throws `InvalidArgumentError` if the tensor is not valid (see `requireTensor`), or its name has half a surrogate pair; `UnimplementedError` or
   * `InvalidArgumentError` for a dtype that V1 can't hold; `InternalError` if the name was added with another dtype or shape.
   */
  add(name: string, tensor: Tensor | DeferredTensor): void {
    requireNew(name, tensor);
    this.#add(name, { shape: tensor.shape, slice: fullSlice(tensor.shape.length) }, tensor);
  }

  /**
   * Adds a slice of a partitioned tensor. Unlike in V2, a slice that covers the whole tensor is stored as a slice.
   *
   * @param part - shape of the whole tensor, and the slice
   * @param tensor - the values of the slice, with its shape
   * @throws as {@link SlicesWriter.add}, and `InvalidArgumentError` if the shape of `tensor` does not match the slice.
   */
  addSlice(name: string, part: ShapeAndSlice, tensor: Tensor | DeferredTensor): void {
    requireNew(name, tensor);
    numElements(part.shape);
    if (!shapesEqual(sliceShape(part.shape, part.slice), tensor.shape)) {
      throw new InvalidArgumentError(
        "Slice in shape_and_slice specification does not match the shape of the tensor to  save: " +
          `${formatShapeAndSlice(part)}, tensor: ${formatShape(tensor.shape)}`,
        { tensor: name },
      );
    }
    this.#add(name, part, tensor);
  }

  #add(name: string, { shape, slice }: ShapeAndSlice, tensor: Tensor | DeferredTensor): void {
    const { dtype } = tensor;
    requireSavable(name, dtype);
    const known = this.#tensors.get(name);
    if (known === undefined) this.#tensors.set(name, { name, dtype, shape, slices: [slice] });
    else {
      if (known.dtype !== dtype) {
        throw new InternalError(
          `Mismatching types: existing type = ${known.dtype}, trying to add name ${name}, type = ${dtype}`,
        );
      }
      if (!shapesEqual(known.shape, shape)) {
        throw new InternalError(
          `Mismatching shapes: existing tensor = ${formatShape(known.shape)}, trying to add name ${name}, ` +
            `shape = ${formatShape(shape)}`,
        );
      }
      known.slices.push(slice);
    }
    const key = sliceKey(utf8.encode(name), slice);
    const id = String(key);
    // If a slice is added twice, the first values are kept, as in TensorFlow.
    if (!this.#parts.has(id)) {
      this.#parts.set(id, {
        name,
        key,
        slice,
        bytes: leastBytes(dtype, tensor.shape),
        read: async () => readValue(name, tensor),
      });
    }
  }

  /**
   * Writes the file under a temporary name, flushes it, and gives it its final name.
   *
   * @throws the storage's errors; `InvalidArgumentError` if a slice is too large for the format, or a deferred tensor turns out
   * to be none of its dtype and shape. No temporary file is left.
   */
  async finish(): Promise<void> {
    const storage = this.options.staging ?? this.options.storage ?? defaultStorage();
    const parts = [...this.#parts.values()].sort((a, b) => compareBytes(a.key, b.key));
    const expectedBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    const pending = await createAtomically(storage, this.path, temporaryFilename(this.path), { expectedBytes });
    try {
      const table = new TableWriter(pending.file);
      table.add(META_KEY, encodeMeta([...this.#tensors.values()]));
      for (const { name, key, slice, read } of parts) {
        throwIfAborted(this.options.signal);
        table.add(key, encodePart(name, slice, await read()));
        if (table.pendingBytes >= CHUNK_BYTES) await table.flush();
      }
      await table.finish();
      await pending.seal();
      await this.options.beforeCommit?.();
      await pending.commit();
    } catch (error) {
      await pending.discard();
      throw error;
    }
  }
}

/** Half of a character: it has no bytes in UTF-8, so two names with one could become one key. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function requireNew(name: string, tensor: Tensor | DeferredTensor): void {
  if (LONE_SURROGATE.test(name)) {
    throw new InvalidArgumentError(`A tensor can't have the name ${JSON.stringify(name)}`, { tensor: name });
  }
  if (isDeferred(tensor)) numElements(tensor.shape);
  else requireTensor(tensor, `Tensor ${name}`, { tensor: name });
}

function isDeferred(tensor: Tensor | DeferredTensor): tensor is DeferredTensor {
  return "read" in Object(tensor);
}

async function readValue(name: string, tensor: Tensor | DeferredTensor): Promise<Tensor> {
  if (!isDeferred(tensor)) return tensor;
  const { dtype, shape } = tensor;
  const value: Tensor = await tensor.read();
  requireTensor(value, `Tensor ${name}`, { tensor: name });
  if (value.dtype === dtype && shapesEqual(value.shape, shape)) return value;
  throw new InvalidArgumentError(
    `Tensor ${name} was added as ${dtype} ${formatShape(shape)}, but read() returned ${value.dtype} ` +
      formatShape(value.shape),
    { tensor: name },
  );
}

function encodePart(name: string, slice: TensorSlice, tensor: Tensor): Uint8Array {
  const data = SavedSlice.create({ name, slice: sliceToProto(slice), data: encodeValues(name, tensor) });
  return SavedTensorSlices.encode(SavedTensorSlices.create({ data }));
}
