import {
  allocateTensor,
  byteLength,
  dtypeInfo,
  overlapRuns,
  type Shape,
  type SliceRun,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
} from "@tfsaver/core";
import { type ByteRange, type ReadOptions, SliceFiller } from "@tfsaver/core/slices";
import type { BundleEntry } from "../../encode/entry.js";
import { allocateNamed } from "../whole/allocate-named.js";

/** A part of a tensor that is being put together from ranges of stored slices. */
export class Piece {
  /** The memory of the tensor. */
  readonly bytes: Uint8Array;
  /** Undefined if the piece is read into memory of the caller. */
  readonly tensor: Tensor | undefined;
  readonly #shape: Shape;
  readonly #width: number;

  /**
   * @param entry - the entry of the whole tensor
   * @param memory - memory of the caller, or what returns it for so many bytes; default: new memory
   */
  constructor(
    { name, dtype, shape }: BundleEntry,
    readonly slice: TensorSlice,
    memory?: Uint8Array | ReadOptions["allocate"],
  ) {
    this.#shape = shape;
    this.#width = dtypeInfo(dtype).size;
    if (memory instanceof Uint8Array) this.bytes = memory;
    else {
      const size = sliceShape(shape, slice);
      this.tensor = allocateNamed(name, byteLength(dtype, size), {}, () => allocateTensor(dtype, size, memory));
      this.bytes = tensorBytes(this.tensor);
    }
  }

  /** Returns what copies the bytes of a stored slice into the piece, range by range, in order. */
  filler(stored: TensorSlice): SliceFiller {
    return new SliceFiller(this.bytes, this.#width, overlapRuns(this.#shape, stored, this.slice));
  }

  /**
   * Returns the memory of the piece for a range of a stored slice, if exactly that range, in one run, is what it needs.
   */
  memoryFor(stored: TensorSlice, { start, end }: ByteRange): Uint8Array | undefined {
    const [run, more] = firstTwo(overlapRuns(this.#shape, stored, this.slice));
    if (run === undefined || more !== undefined) return undefined;
    const width = this.#width;
    if (start < run.from * width || end > (run.from + run.length) * width) return undefined;
    const at = run.to * width + start - run.from * width;
    return this.bytes.subarray(at, at + end - start);
  }
}

function firstTwo(runs: Generator<SliceRun>): readonly (SliceRun | undefined)[] {
  const [first, second] = [runs.next(), runs.next()];
  runs.return(undefined);
  return [first.done ? undefined : first.value, second.done ? undefined : second.value];
}
