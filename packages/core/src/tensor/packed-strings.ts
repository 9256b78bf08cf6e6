import { copyBytes } from "../coding/bytes.js";
import { InvalidArgumentError } from "../errors.js";
import { type DType, isNumeric } from "./dtype.js";
import { formatShape, numElements, type Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/**
 * Byte strings in one block of memory, as they lie in a checkpoint. A million of them are read, copied and written as one;
 * what takes time is to make a JavaScript object for each.
 */
export interface PackedStrings {
  /** All strings, one after another, with nothing between them or after the last. */
  readonly bytes: Uint8Array;
  /** The length of each, in bytes. */
  readonly lengths: Float64Array;
}

/** Tensors whose strings are packed: `data` was not asked for yet. */
const packed = new WeakMap<Tensor, PackedStrings>();

/** Copies strings into one block of memory. */
export function packStrings(strings: readonly Uint8Array[]): PackedStrings {
  const lengths = Float64Array.from(strings, ({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const string of strings) at = copyBytes(string, bytes, at);
  return { bytes, lengths };
}

/**
 * Makes a `string` or `variant` tensor from packed strings. Its `data`, an array of views of the same memory, is made when
 * it is first asked for.
 *
 * @throws {@link InvalidArgumentError} if the number of strings does not match the shape, or the sum of their lengths the
 * bytes.
 */
export function packedTensor(dtype: DType, shape: Shape, strings: PackedStrings): Tensor {
  if (isNumeric(dtype)) throw new InvalidArgumentError(`A ${dtype} tensor does not hold strings`);
  if (strings.lengths.length !== numElements(shape)) {
    throw new InvalidArgumentError(
      `Dtype ${dtype} with shape ${formatShape(shape)} takes ${numElements(shape)} values, not ${strings.lengths.length}`,
    );
  }
  requireLengths(strings);
  let unpacked: readonly Uint8Array[] | undefined;
  const tensor: Tensor = Object.freeze({
    dtype,
    shape: Object.freeze([...shape]),
    get data() {
      unpacked ??= unpack(strings);
      // The caller may put other strings into the array, so from now on only the array is right.
      packed.delete(tensor);
      return unpacked;
    },
  });
  packed.set(tensor, strings);
  return tensor;
}

/** Returns the strings of a tensor in one block of memory, or `undefined` once its `data` was asked for. */
export function packedStringsOf(tensor: Tensor): PackedStrings | undefined {
  return packed.get(tensor);
}

function requireLengths({ bytes, lengths }: PackedStrings): void {
  let total = 0;
  let areLengths = true;
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number;
    total += length;
    areLengths &&= length >= 0 && Number.isInteger(length);
  }
  if (areLengths && total === bytes.length) return;
  throw new InvalidArgumentError(`Packed strings have lengths of ${total} bytes in all, but ${bytes.length} bytes`);
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
