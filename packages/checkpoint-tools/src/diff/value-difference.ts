import { bytesEqual, dtypeInfo, type Tensor, tensorStrings } from "@tfsaver/core";
import { hasNumbers, type Numbers, numbersOf } from "../values/numbers.js";

/** How far apart equal numbers may be: `atol + rtol * |b|`, as in `numpy.isclose`. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** How the values of two tensors of one shape differ. */
export interface ValueDifference {
  readonly elements: number;
  /** Number of elements that differ by more than the tolerance. NaN equals NaN. */
  readonly differing: number;
  /** Share of the elements that do not differ, from 0 to 1. */
  readonly equalShare: number;
  /** Largest absolute difference of numbers; undefined for strings, or if all pairs have a NaN. */
  readonly largest: number | undefined;
  /** Mean absolute difference. Pairs with one NaN are left out here and above. */
  readonly mean: number | undefined;
  /** Cosine of the angle between the tensors, without what is not finite; undefined for strings, and if one is zero. */
  readonly cosine: number | undefined;
}

/** Number of elements that are compared at a time. */
const BLOCK = 16_384;

/** Compares two tensors of one shape that come in parts. */
export class ValueComparison {
  #elements = 0;
  #differing = 0;
  /** Number of pairs whose difference is a number. */
  #measured = 0;
  #largest = 0;
  #sum = 0;
  #product = 0;
  #squaresOfA = 0;
  #squaresOfB = 0;

  constructor(private readonly tolerance: Tolerance) {}

  /** Compares the next elements of both. */
  add(a: Tensor, b: Tensor): void {
    if (!hasNumbers(a.dtype) || !hasNumbers(b.dtype)) this.#addStrings(tensorStrings(a), tensorStrings(b));
    else if (is64Bit(a.data) && is64Bit(b.data)) this.#addIntegers(a.data, b.data);
    else if (dtypeInfo(a.dtype).lanes === 2 || dtypeInfo(b.dtype).lanes === 2) this.#addPairs(pairsOf(a), pairsOf(b));
    else this.#addNumbers(numbersOf(a), numbersOf(b));
  }

  result(): ValueDifference {
    const isMeasured = this.#measured > 0;
    const length = Math.sqrt(this.#squaresOfA) * Math.sqrt(this.#squaresOfB);
    return {
      elements: this.#elements,
      differing: this.#differing,
      equalShare: this.#elements === 0 ? 1 : 1 - this.#differing / this.#elements,
      largest: isMeasured ? this.#largest : undefined,
      mean: isMeasured ? this.#sum / this.#measured : undefined,
      cosine: length > 0 ? this.#product / length : undefined,
    };
  }

  #addStrings(a: readonly Uint8Array[], b: readonly Uint8Array[]): void {
    this.#elements += a.length;
    for (const [i, string] of a.entries()) if (!bytesEqual(string, b[i] as Uint8Array)) this.#differing++;
  }

  #addNumbers(a: Numbers, b: Numbers): void {
    const isExact = this.tolerance.atol === 0 && this.tolerance.rtol === 0;
    for (let start = 0; start < a.length; start += BLOCK) {
      const end = Math.min(start + BLOCK, a.length);
      if (!isExact || !this.#addFinite(a, b, start, end)) this.#addAny(a, b, start, end);
    }
  }

  /** Compares numbers that are finite, without a tolerance. Does nothing, and returns false, if they are not. */
  #addFinite(a: Numbers, b: Numbers, start: number, end: number): boolean {
    let [differing, sum, product, squaresOfA, squaresOfB] = [0, 0, 0, 0, 0];
    let largest = this.#largest;
    for (let i = start; i < end; i++) {
      const x = a[i] as number;
      const y = b[i] as number;
      const difference = Math.abs(x - y);
      if (x !== y) differing++;
      if (difference > largest) largest = difference;
      sum += difference;
      product += x * y;
      squaresOfA += x * x;
      squaresOfB += y * y;
    }
    if (!Number.isFinite(squaresOfA + squaresOfB + product + sum)) return false;
    this.#elements += end - start;
    this.#measured += end - start;
    this.#differing += differing;
    this.#largest = largest;
    this.#sum += sum;
    this.#product += product;
    this.#squaresOfA += squaresOfA;
    this.#squaresOfB += squaresOfB;
    return true;
  }

  #addAny(a: Numbers, b: Numbers, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      this.#addOne(Math.abs(x - y), Math.abs(y), x === y || (Number.isNaN(x) && Number.isNaN(y)));
      this.#addToCosine(x, y);
    }
  }

  /** Compares 64-bit integers, which `float64` would round. */
  #addIntegers(a: Integers, b: Integers): void {
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i] as bigint, b[i] as bigint];
      this.#addOne(Number(x < y ? y - x : x - y), Math.abs(Number(y)), x === y);
      this.#addToCosine(Number(x), Number(y));
    }
  }

  /** Compares complex numbers by the magnitude of their difference. */
  #addPairs(a: Numbers, b: Numbers): void {
    for (let i = 0; i < a.length; i += 2) {
      const [x, y, u, v] = [a[i], a[i + 1], b[i], b[i + 1]] as [number, number, number, number];
      const isNan = Number.isNaN(x + y) && Number.isNaN(u + v);
      this.#addOne(Math.hypot(x - u, y - v), Math.hypot(u, v), (x === u && y === v) || isNan);
      this.#addToCosine(x, u);
      this.#addToCosine(y, v);
    }
  }

  #addOne(difference: number, magnitude: number, isEqual: boolean): void {
    const { atol, rtol } = this.tolerance;
    this.#elements++;
    const isClose = difference <= atol + rtol * magnitude && difference < Number.POSITIVE_INFINITY;
    if (!isEqual && !isClose) this.#differing++;
    const measured = isEqual ? 0 : difference;
    if (Number.isNaN(measured)) return;
    this.#measured++;
    this.#sum += measured;
    this.#largest = Math.max(this.#largest, measured);
  }

  #addToCosine(x: number, y: number): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    this.#product += x * y;
    this.#squaresOfA += x * x;
    this.#squaresOfB += y * y;
  }
}

type Integers = BigInt64Array | BigUint64Array;

/** True for 64-bit integers. */
export function is64Bit(data: Tensor["data"]): data is Integers {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

/** Returns the real and imaginary parts of a tensor's elements. */
function pairsOf(tensor: Tensor): Numbers {
  const numbers = numbersOf(tensor);
  if (dtypeInfo(tensor.dtype).lanes === 2) return numbers;
  const pairs = new Float64Array(2 * numbers.length);
  for (let i = 0; i < numbers.length; i++) pairs[2 * i] = numbers[i] as number;
  return pairs;
}
