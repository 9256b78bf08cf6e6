import {
  allocateTensor,
  DataLossError,
  type DType,
  dtypeInfo,
  dtypeToEnum,
  InvalidArgumentError,
  makeTensor,
  numElements,
  type Shape,
  type Tensor,
  tensorBytes,
  tensorStrings,
  UnimplementedError,
} from "@tfsaver/core";
import { VarintReader, varintLength, writeVarint } from "@tfsaver/core/coding";

/**
 * The encoding of a dtype's values in the `TensorProto` of a V1 file: the number of the field, and its form. `fixed` is the
 * memory of the tensor; `varint` is one varint per number.
 */
interface Encoding {
  readonly field: number;
  readonly as: "fixed" | "varint" | "strings";
  /** Maximum bytes per value, for TensorFlow's estimate of a slice's size. */
  readonly largest: number;
}

const ENCODINGS: Partial<Record<DType, Encoding>> = {
  float32: { field: 5, as: "fixed", largest: 4 },
  float64: { field: 6, as: "fixed", largest: 8 },
  int32: { field: 7, as: "varint", largest: 10 },
  int16: { field: 7, as: "varint", largest: 10 },
  int8: { field: 7, as: "varint", largest: 10 },
  qint8: { field: 7, as: "varint", largest: 10 },
  qint32: { field: 7, as: "varint", largest: 10 },
  uint8: { field: 7, as: "varint", largest: 2 },
  quint8: { field: 7, as: "varint", largest: 2 },
  uint16: { field: 7, as: "varint", largest: 3 },
  string: { field: 8, as: "strings", largest: 10 },
  complex64: { field: 9, as: "fixed", largest: 8 },
  int64: { field: 10, as: "varint", largest: 10 },
  bool: { field: 11, as: "varint", largest: 1 },
  complex128: { field: 12, as: "fixed", largest: 16 },
  float16: { field: 13, as: "varint", largest: 3 },
};

/** Wire type of fields with a length: strings and packed lists. */
const WIRE_LENGTH = 2;

/** TensorFlow's allowance for everything but the values, and its limit for a slice; both in bytes. */
const SLACK = 1024;
const MAX_SLICE = 2 ** 31;

/**
 * Checks that a V1 file can hold a dtype.
 *
 * @throws `UnimplementedError` or `InvalidArgumentError` for a dtype that V1 lacks, as in TensorFlow.
 */
export function requireSavable(name: string, dtype: DType): void {
  if (ENCODINGS[dtype] !== undefined) return;
  if (dtype === "uint32" || dtype === "uint64") {
    throw new InvalidArgumentError(
      `Tensor ${name}: Tensor slice serialization not implemented for dtype ${dtypeToEnum(dtype)}`,
      {
        tensor: name,
      },
    );
  }
  throw new UnimplementedError(`Tensor ${name}: Saving data type ${dtype} not yet supported`, { tensor: name });
}

/**
 * Returns the maximum number of elements of a slice of numbers in a V1 file: a slice is one message, which TensorFlow limits to
 * 2 GiB by an estimate.
 *
 * @example
 * ```ts
 * import { maxSliceElements } from "@tfsaver/saved-tensor-slices";
 *
 * console.log(maxSliceElements("embeddings", "float32")); // 536870653
 * ```
 * @throws `UnimplementedError` or `InvalidArgumentError` for a dtype that V1 lacks.
 */
export function maxSliceElements(name: string, dtype: DType): number {
  requireSavable(name, dtype);
  return Math.floor((MAX_SLICE - SLACK - name.length) / (ENCODINGS[dtype] as Encoding).largest);
}

/** Returns the number of bytes that the values of a tensor take at least in a V1 file. */
export function leastBytes(dtype: DType, shape: Shape): number {
  const { as, largest } = ENCODINGS[dtype] as Encoding;
  if (as === "strings") return 0;
  return numElements(shape) * (as === "fixed" ? largest : 1);
}

/**
 * Encodes the values of a tensor as a `TensorProto` without other fields.
 *
 * @throws `InvalidArgumentError` if they are too large for a V1 file.
 */
export function encodeValues(name: string, tensor: Tensor): Uint8Array {
  requireSavable(name, tensor.dtype);
  const encoding = ENCODINGS[tensor.dtype] as Encoding;
  const count = numElements(tensor.shape);
  const text = encoding.as === "strings" ? tensorStrings(tensor).reduce((sum, item) => sum + item.length, 0) : 0;
  const estimate = SLACK + name.length + count * encoding.largest + text;
  if (estimate > MAX_SLICE) {
    throw new InvalidArgumentError(
      `Tensor slice is too large to serialize (conservative estimate: ${estimate} bytes)`,
      {
        tensor: name,
      },
    );
  }
  if (count === 0) return new Uint8Array();
  if (encoding.as === "strings") return encodeStringList(encoding.field, tensorStrings(tensor));
  const body = encoding.as === "fixed" ? tensorBytes(tensor) : encodeVarints(tensor);
  return withTag(encoding.field, body);
}

function withTag(field: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + varintLength(body.length) + body.length);
  bytes[0] = (field << 3) | WIRE_LENGTH;
  bytes.set(body, writeVarint(bytes, 1, body.length));
  return bytes;
}

function encodeStringList(field: number, strings: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(strings.reduce((sum, item) => sum + 1 + varintLength(item.length) + item.length, 0));
  let at = 0;
  for (const item of strings) {
    bytes[at++] = (field << 3) | WIRE_LENGTH;
    at = writeVarint(bytes, at, item.length);
    bytes.set(item, at);
    at += item.length;
  }
  return bytes;
}

/** Encodes numbers as varints. Negative ones are 64-bit two's complement and take ten bytes. */
function encodeVarints({ data }: Tensor): Uint8Array {
  const values = data as ArrayLike<number | bigint>;
  const bytes = new Uint8Array(values.length * 10);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | bigint;
    if (typeof value === "number" && value >= 0) at = writeVarint(bytes, at, value);
    else {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
      bytes[at++] = Number(rest);
    }
  }
  return bytes.subarray(0, at);
}

/**
 * Decodes the values of a slice from its `TensorProto`. Its lists may be packed or not.
 *
 * @throws `DataLossError` if the number of values does not match the shape, or the bytes are not such a message.
 */
export function decodeValues(bytes: Uint8Array, dtype: DType, shape: Shape): Tensor {
  const encoding = ENCODINGS[dtype];
  if (encoding === undefined) throw new UnimplementedError(`A V1 checkpoint can't hold ${dtype}`);
  const count = numElements(shape);
  // Compare sizes before allocating, so that a small message can't claim a large tensor. A varint takes at least one byte.
  const least = count * (encoding.as === "fixed" ? dtypeInfo(dtype).size : 1);
  if (least > bytes.length) requireCount(count, Math.floor((bytes.length * count) / least));
  const sink = encoding.as === "strings" ? new StringSink(shape) : new NumberSink(dtype, shape, encoding);
  const reader = new VarintReader(bytes);
  while (reader.offset < bytes.length) {
    const tag = reader.next();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    const start = reader.offset;
    reader.skipField(wire);
    if (field === encoding.field) sink.take(bytes, start, reader.offset, wire);
  }
  return sink.finish();
}

class StringSink {
  readonly #strings: Uint8Array[] = [];

  constructor(private readonly shape: Shape) {}

  take(bytes: Uint8Array, start: number, end: number, wire: number): void {
    if (wire !== WIRE_LENGTH) throw new DataLossError("a string has no length");
    const length = new VarintReader(bytes, start, end).next();
    this.#strings.push(bytes.subarray(end - length, end));
  }

  finish(): Tensor {
    requireCount(numElements(this.shape), this.#strings.length);
    return makeTensor("string", this.shape, this.#strings);
  }
}

class NumberSink {
  readonly #tensor: Tensor;
  readonly #bytes: Uint8Array;
  readonly #store: { [index: number]: number | bigint };
  readonly #isBig: boolean;
  readonly #fixedSize: number;
  readonly #count: number;
  #filled = 0;

  constructor(
    dtype: DType,
    shape: Shape,
    private readonly encoding: Encoding,
  ) {
    this.#tensor = allocateTensor(dtype, shape);
    this.#bytes = tensorBytes(this.#tensor);
    this.#store = this.#tensor.data as { [index: number]: number | bigint };
    this.#isBig = this.#tensor.data instanceof BigInt64Array;
    this.#count = this.#tensor.data.length;
    const { size, lanes } = dtypeInfo(dtype);
    this.#fixedSize = size / lanes;
  }

  take(bytes: Uint8Array, start: number, end: number, wire: number): void {
    let from = start;
    if (wire === WIRE_LENGTH) {
      const length = new VarintReader(bytes, start, end).next();
      from = end - length;
    }
    if (this.encoding.as === "fixed") this.#takeFixed(bytes.subarray(from, end));
    else this.#takeVarints(new VarintReader(bytes, from, end), end);
  }

  #takeFixed(part: Uint8Array): void {
    const at = this.#filled * this.#fixedSize;
    if (part.length % this.#fixedSize !== 0 || at + part.length > this.#bytes.length) {
      requireCount(this.#count, this.#filled + part.length / this.#fixedSize);
    }
    this.#bytes.set(part, at);
    this.#filled += part.length / this.#fixedSize;
  }

  #takeVarints(reader: VarintReader, end: number): void {
    while (reader.offset < end) {
      if (this.#filled === this.#count) requireCount(this.#count, this.#count + 1);
      const bits = reader.nextBits();
      this.#store[this.#filled++] = this.#isBig ? BigInt.asIntN(64, bits) : Number(BigInt.asIntN(64, bits));
    }
  }

  finish(): Tensor {
    requireCount(this.#count, this.#filled);
    return this.#tensor;
  }
}

function requireCount(wanted: number, found: number): void {
  if (wanted !== found) throw new DataLossError(`Error copying slice data: ${found} values instead of ${wanted}`);
}
