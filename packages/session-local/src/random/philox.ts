const ROUNDS = 10;
const MULTIPLIER_A = 0xd2511f53;
const MULTIPLIER_B = 0xcd9e8d57;
/** Increments of the key from round to round. */
const WEYL_A = 0x9e3779b9;
const WEYL_B = 0xbb67ae85;

const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** Returns the high 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Every partial sum stays below 2^53.
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const rest = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(rest / 0x10000)) >>> 0;
}

/**
 * The counter-based generator Philox 4x32 with ten rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * 2011). As in TensorFlow, the first seed is the key and the second is the upper half of the counter.
 */
export class Philox {
  readonly #key0: number;
  readonly #key1: number;
  readonly #counter = new Uint32Array(4);

  constructor(seed: bigint, seed2: bigint) {
    this.#key0 = Number(seed & 0xffff_ffffn);
    this.#key1 = Number((seed >> 32n) & 0xffff_ffffn);
    this.#counter[2] = Number(seed2 & 0xffff_ffffn);
    this.#counter[3] = Number((seed2 >> 32n) & 0xffff_ffffn);
  }

  /** Returns a generator in the same state. */
  clone(): Philox {
    const copy = new Philox(BigInt(this.#key0) | (BigInt(this.#key1) << 32n), 0n);
    copy.#counter.set(this.#counter);
    return copy;
  }

  /** Advances as if {@link Philox.next} had been called `steps` times. */
  skip(steps: bigint): void {
    const counter = this.#counter;
    let value = 0n;
    for (let i = 3; i >= 0; i--) value = (value << 32n) | BigInt(counter[i] as number);
    value += steps & MASK_64;
    for (let i = 0; i < 4; i++) {
      counter[i] = Number(value & 0xffff_ffffn);
      value >>= 32n;
    }
  }

  /** Writes the next four numbers to `out`. */
  next(out: Uint32Array): void {
    const counter = this.#counter;
    let [c0, c1, c2, c3] = counter as unknown as [number, number, number, number];
    let key0 = this.#key0;
    let key1 = this.#key1;
    for (let round = 0; round < ROUNDS; round++) {
      const low0 = Math.imul(MULTIPLIER_A, c0);
      const high0 = multiplyHigh(MULTIPLIER_A, c0);
      const low1 = Math.imul(MULTIPLIER_B, c2);
      const high1 = multiplyHigh(MULTIPLIER_B, c2);
      c0 = (high1 ^ c1 ^ key0) >>> 0;
      c1 = low1 >>> 0;
      c2 = (high0 ^ c3 ^ key1) >>> 0;
      c3 = low0 >>> 0;
      key0 = (key0 + WEYL_A) >>> 0;
      key1 = (key1 + WEYL_B) >>> 0;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
    for (let i = 0; i < 4; i++) {
      counter[i] = (counter[i] as number) + 1;
      if (counter[i] !== 0) break;
    }
  }
}
