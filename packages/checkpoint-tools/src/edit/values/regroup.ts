import {
  allocateTensor,
  type DType,
  dtypeInfo,
  fullSlice,
  isNumeric,
  overlapRuns,
  reshapeTensor,
  type Shape,
  sliceShape,
  type Tensor,
  tensorBytes,
  tensorPart,
} from "@tfsaver/core";
import { PIECE_BYTES } from "@tfsaver/core/coding";
import { cutSlice, type StreamOptions } from "@tfsaver/core/slices";
import type { TensorValues } from "../edited-tensor.js";

/** A tensor whose values can only be read from the first to the last. */
export interface SequentialTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Yields the values in row-major order, in pieces of any shape. */
  pieces(options: StreamOptions): AsyncIterable<Tensor>;
}

/** Reads slices of a tensor, in pieces of the shapes that `CheckpointReader.stream` yields, from values that come in sequence. */
export function sequentialValues(tensor: SequentialTensor): TensorValues {
  const stream = (options: StreamOptions) =>
    isNumeric(tensor.dtype) ? regroup(tensor, options) : whole(tensor, options);
  return {
    stream,
    async get(slice, options) {
      for await (const piece of stream({ ...options, slice, pieceBytes: Number.POSITIVE_INFINITY })) return piece;
      return allocateTensor(tensor.dtype, slice === undefined ? tensor.shape : sliceShape(tensor.shape, slice));
    },
  };
}

async function* whole({ shape, pieces }: SequentialTensor, options: StreamOptions): AsyncGenerator<Tensor> {
  const { slice, pieceBytes: _, ...others } = options;
  for await (const piece of pieces(others)) {
    const tensor = reshapeTensor(piece, shape);
    yield slice === undefined ? tensor : tensorPart(tensor, slice);
  }
}

async function* regroup({ dtype, shape, pieces }: SequentialTensor, options: StreamOptions): AsyncGenerator<Tensor> {
  const { slice, pieceBytes = PIECE_BYTES, ...others } = options;
  const { size } = dtypeInfo(dtype);
  const source = new ByteSequence(pieces(others));
  try {
    for (const part of cutSlice(shape, slice ?? fullSlice(shape.length), Math.max(1, Math.floor(pieceBytes / size)))) {
      const target = allocateTensor(dtype, sliceShape(shape, part));
      const bytes = tensorBytes(target);
      for (const { from, to, length } of overlapRuns(shape, fullSlice(shape.length), part)) {
        await source.read(from * size, bytes.subarray(to * size, (to + length) * size));
      }
      yield target;
    }
    // The checksum of the whole is compared at its end.
    if (slice === undefined) await source.finish();
  } finally {
    await source.close();
  }
}

/** Reads ranges of the bytes of tensors that follow each other. The ranges must ascend. */
class ByteSequence {
  readonly #pieces: AsyncIterator<Tensor>;
  #bytes = new Uint8Array();
  #start = 0;

  constructor(pieces: AsyncIterable<Tensor>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Copies the bytes from an offset on. */
  async read(offset: number, target: Uint8Array): Promise<void> {
    let done = 0;
    while (done < target.length) {
      const at = offset + done - this.#start;
      if (at < this.#bytes.length) {
        const part = this.#bytes.subarray(at, at + target.length - done);
        target.set(part, done);
        done += part.length;
      } else await this.#next();
    }
  }

  /** Reads what is left, which nobody wants. */
  async finish(): Promise<void> {
    while (!(await this.#pieces.next()).done);
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #next(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done) throw new RangeError("The pieces of a tensor end too early");
    this.#start += this.#bytes.length;
    this.#bytes = tensorBytes(value) as Uint8Array<ArrayBuffer>;
  }
}
