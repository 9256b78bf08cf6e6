import { copyBytes } from "./copy-bytes.js";
import type { DType } from "./dtype.js";
import { InvalidArgumentError } from "./errors.js";
import { formatShape, numElements, type Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/**
 * Byte strings that lie one behind the other in one piece of memory, as they do in a checkpoint. A million of them are
 * read, copied and written like one; only as JavaScript's objects do they take their time.
 */
export interface PackedStrings {
  /** All of them, without anything between or behind. */
  readonly bytes: Uint8Array;
  /** The length of each, in bytes. */
  readonly lengths: Float64Array;
}

/** Tensors whose strings nobody has asked for yet. */
const packed = new WeakMap<Tensor, PackedStrings>();

/** Copies strings into one piece of memory. */
export function packStrings(strings: readonly Uint8Array[]): PackedStrings {
  const lengths = Float64Array.from(strings, ({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const string of strings) at = copyBytes(string, bytes, at);
  return { bytes, lengths };
}

/**
 * A tensor of packed strings, or of variants. Its `data` is made when it is first asked for, of views of the same
 * memory.
 *
 * @throws `InvalidArgumentError` if the number of strings is not that of the shape's elements.
 */
export function packedTensor(dtype: DType, shape: Shape, strings: PackedStrings): Tensor {
  if (strings.lengths.length !== numElements(shape)) {
    throw new InvalidArgumentError(
      `A ${dtype} tensor of shape ${formatShape(shape)} takes ${numElements(shape)} values, not ${strings.lengths.length}`,
    );
  }
  let unpacked: readonly Uint8Array[] | undefined;
  const tensor: Tensor = Object.freeze({
    dtype,
    shape: Object.freeze([...shape]),
    get data() {
      unpacked ??= unpack(strings);
      // From now on the array is what counts.
      packed.delete(tensor);
      return unpacked;
    },
  });
  packed.set(tensor, strings);
  return tensor;
}

/** The strings of a tensor in one piece of memory, if they lie so; asking for its `data` ends that. */
export function packedStringsOf(tensor: Tensor): PackedStrings | undefined {
  return packed.get(tensor);
}

function unpack({ bytes, lengths }: PackedStrings): readonly Uint8Array[] {
  const { buffer } = bytes;
  let at = bytes.byteOffset;
  return Array.from(lengths, (length) => {
    const string = new Uint8Array(buffer, at, length);
    at += length;
    return string;
  });
}
