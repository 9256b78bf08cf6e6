import { temporaryFilename } from "@tfsaver/checkpoint-names";
import {
  type CommitOptions,
  type DType,
  formatShape,
  formatShapeAndSlice,
  fullSlice,
  InternalError,
  InvalidArgumentError,
  type OperationOptions,
  type Shape,
  type ShapeAndSlice,
  shapesEqual,
  sliceShape,
  type Tensor,
  type TensorSlice,
  throwIfAborted,
} from "@tfsaver/core";
import { sliceKey } from "@tfsaver/core/coding";
import { SavedSlice, SavedTensorSlices } from "@tfsaver/proto/saved-slices";
import { compareBytes, TableWriter } from "@tfsaver/sstable";
import { createAtomically, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { encodeMeta, META_KEY, sliceToProto, type TensorMeta } from "./meta.js";
import { encodeValues, requireSavable } from "./slice-values.js";

/** Options of {@link SlicesWriter}. */
export interface SlicesWriterOptions extends OperationOptions, CommitOptions {
  /** Where to write. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** A tensor that is read when its turn to be written comes, so that not all need be in memory. */
export interface DeferredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  read(): Promise<Tensor>;
}

interface Part {
  readonly name: string;
  readonly key: Uint8Array;
  readonly slice: TensorSlice;
  readonly read: () => Promise<Tensor>;
}

/** Finished blocks are handed to the storage once they are this many bytes. */
const FLUSH_BYTES = 8 << 20;

const utf8 = new TextEncoder();

/**
 * Writes a V1 checkpoint file, byte for byte as TensorFlow's `TensorSliceWriter` does. Nothing is visible under the
 * final name until {@link SlicesWriter.finish}.
 *
 * TensorFlow's operations hand tensors over sorted by name; add them so for the same bytes.
 */
export class SlicesWriter {
  readonly #tensors = new Map<string, TensorMeta & { readonly slices: TensorSlice[] }>();
  readonly #parts = new Map<string, Part>();

  /** @param path - the file; its directory must exist */
  constructor(
    readonly path: string,
    private readonly options: SlicesWriterOptions = {},
  ) {}

  /**
   * Adds a whole tensor. Its memory must not change until the promise of {@link SlicesWriter.finish} is settled.
   *
   * @throws `UnimplementedError` or `InvalidArgumentError` for a dtype that V1 can't hold; `InternalError` if the name
   * was added with another dtype or shape.
   */
  add(name: string, tensor: Tensor | DeferredTensor): void {
    this.#add(name, { shape: tensor.shape, slice: fullSlice(tensor.shape.length) }, tensor);
  }

  /**
   * Adds a part of a tensor. Unlike in V2, one that is all of it stays a part.
   *
   * @param tensor - the part's values, of the part's shape
   * @throws as {@link SlicesWriter.add}, and `InvalidArgumentError` if the tensor does not have the part's shape.
   */
  addSlice(name: string, part: ShapeAndSlice, tensor: Tensor | DeferredTensor): void {
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
    // Of a slice that is added twice, the first values stay, as in TensorFlow.
    if (!this.#parts.has(id)) {
      this.#parts.set(id, { name, key, slice, read: async () => ("read" in tensor ? tensor.read() : tensor) });
    }
  }

  /**
   * Writes the file under a temporary name, flushes it, and gives it its own.
   *
   * @throws the storage's errors, `InvalidArgumentError` if a slice is too large for the format. Nothing is left then.
   */
  async finish(): Promise<void> {
    const storage = this.options.storage ?? defaultStorage();
    const pending = await createAtomically(storage, this.path, temporaryFilename(this.path));
    try {
      const table = new TableWriter(pending.file);
      table.add(META_KEY, encodeMeta([...this.#tensors.values()]));
      for (const { name, key, slice, read } of [...this.#parts.values()].sort((a, b) => compareBytes(a.key, b.key))) {
        throwIfAborted(this.options.signal);
        table.add(key, encodePart(name, slice, await read()));
        if (table.pendingBytes >= FLUSH_BYTES) await table.flush();
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

function encodePart(name: string, slice: TensorSlice, tensor: Tensor): Uint8Array {
  const data = SavedSlice.create({ name, slice: sliceToProto(slice), data: encodeValues(name, tensor) });
  return SavedTensorSlices.encode(SavedTensorSlices.create({ data }));
}
