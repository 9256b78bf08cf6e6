import type { Numbers } from "../values/numbers.js";

/** Number of elements whose sums are added up before they join the others. */
const BLOCK = 4096;

/** Counts, extremes and sums of numbers that come in parts, computed in `float64`. */
export class Moments {
  elements = 0;
  finite = 0;
  nan = 0;
  positiveInfinity = 0;
  negativeInfinity = 0;
  zeros = 0;
  /** Extremes and sums are those of the finite numbers. */
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  sumOfMagnitudes = 0;
  sumOfSquares = 0;
  #sum = 0;
  /** What rounding has left out of `#sum` (Neumaier's summation). */
  #rest = 0;
  /** Mean of all blocks, and sum of squared deviations from it. */
  #center = 0;
  #squaredDeviations = 0;

  get mean(): number {
    return (this.#sum + this.#rest) / this.finite;
  }

  /** Standard deviation of the whole population. */
  get deviation(): number {
    return Math.sqrt(this.#squaredDeviations / this.finite);
  }

  add(numbers: Numbers): void {
    for (let start = 0; start < numbers.length; start += BLOCK) {
      this.#addBlock(numbers, start, Math.min(start + BLOCK, numbers.length));
    }
  }

  merge(other: Moments): void {
    this.elements += other.elements;
    this.nan += other.nan;
    this.positiveInfinity += other.positiveInfinity;
    this.negativeInfinity += other.negativeInfinity;
    this.zeros += other.zeros;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.sumOfMagnitudes += other.sumOfMagnitudes;
    this.sumOfSquares += other.sumOfSquares;
    this.#join(other.finite, other.#center, other.#squaredDeviations);
    this.#addToSum(other.#sum);
    this.#rest += other.#rest;
  }

  #addBlock(numbers: Numbers, start: number, end: number): void {
    let [sum, magnitudes, squares, zeros, finite] = [0, 0, 0, 0, 0];
    let { min, max } = this;
    for (let i = start; i < end; i++) {
      const value = numbers[i] as number;
      // Infinity - Infinity and NaN - NaN are NaN.
      if (value - value !== 0) continue;
      finite++;
      sum += value;
      magnitudes += Math.abs(value);
      squares += value * value;
      if (value < min) min = value;
      if (value > max) max = value;
      if (value === 0) zeros++;
    }
    const center = finite === 0 ? 0 : sum / finite;
    let deviations = 0;
    for (let i = start; i < end; i++) {
      const difference = (numbers[i] as number) - center;
      if (difference - difference === 0) deviations += difference * difference;
    }
    if (finite < end - start) this.#countSpecial(numbers, start, end);
    this.elements += end - start;
    this.zeros += zeros;
    this.min = min;
    this.max = max;
    this.sumOfMagnitudes += magnitudes;
    this.sumOfSquares += squares;
    this.#join(finite, center, deviations);
    this.#addToSum(sum);
  }

  #countSpecial(numbers: Numbers, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const value = numbers[i] as number;
      if (Number.isNaN(value)) this.nan++;
      else if (value === Number.POSITIVE_INFINITY) this.positiveInfinity++;
      else if (value === Number.NEGATIVE_INFINITY) this.negativeInfinity++;
    }
  }

  /** Joins the deviations of two groups of numbers (Chan, Golub, LeVeque). */
  #join(count: number, center: number, deviations: number): void {
    if (count === 0) return;
    const total = this.finite + count;
    if (this.finite === 0) this.#center = center;
    const difference = center - this.#center;
    this.#squaredDeviations += deviations + ((difference * difference * this.finite) / total) * count;
    this.#center += (difference * count) / total;
    this.finite = total;
  }

  #addToSum(value: number): void {
    const sum = this.#sum + value;
    this.#rest += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }
}
