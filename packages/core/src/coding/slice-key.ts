import type { TensorSlice } from "../tensor/tensor-slice.js";

/** Writes values so that the bytes sort as the values do (TensorFlow's `OrderedCode`). */
class OrderedBytes {
  readonly #bytes: number[] = [];

  /** Writes a non-negative number: the count of its bytes, then the bytes, the highest first. */
  number(value: number): this {
    const digits: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
    this.#bytes.push(digits.length);
    for (const digit of digits) this.#bytes.push(digit);
    return this;
  }

  /** Writes a byte string and its end, `00 01`. The bytes 00 and ff are escaped, because they would upset the order. */
  string(value: Uint8Array): this {
    for (const byte of value) {
      if (byte === 0x00) this.#bytes.push(0x00, 0xff);
      else if (byte === 0xff) this.#bytes.push(0xff, 0x00);
      else this.#bytes.push(byte);
    }
    this.#bytes.push(0x00, 0x01);
    return this;
  }

  /** Writes a number of either sign: a unary count of its bytes in the leading bits, then its two's complement. */
  signed(value: number): this {
    const magnitude = BigInt(value < 0 ? -value - 1 : value);
    let length = 1;
    while (magnitude >= 1n << BigInt(7 * length - 1)) length++;
    const bits = BigInt.asUintN(8 * length, BigInt(value));
    const bytes = Array.from({ length }, (_, i) => Number((bits >> BigInt(8 * (length - 1 - i))) & 0xffn));
    const header = ((1 << length) - 1) << (16 - length);
    bytes[0] = (bytes[0] as number) ^ ((header >>> 8) & 0xff);
    if (length > 1) bytes[1] = (bytes[1] as number) ^ (header & 0xff);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/**
 * Returns the key under which a slice of a tensor is stored, in V1 and V2 alike (`EncodeTensorNameSlice`).
 *
 * @param name - the tensor's name in UTF-8
 */
export function sliceKey(name: Uint8Array, slice: TensorSlice): Uint8Array {
  const key = new OrderedBytes().number(0).string(name).number(slice.length);
  for (const extent of slice) {
    const { start, length } = extent === "full" ? { start: 0, length: -1 } : extent;
    key.signed(start).signed(length);
  }
  return key.finish();
}
