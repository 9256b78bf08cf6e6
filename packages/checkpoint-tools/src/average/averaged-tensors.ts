import { type CheckpointReader, PieceMemory, type TensorInfo, type TensorSource } from "@tfsaver/checkpoint-reader";
import { type NumericData, type Tensor, type TensorSlice, throwIfAborted } from "@tfsaver/core";
import type { ReadOptions, StreamOptions } from "@tfsaver/core/slices";
import type { CallOptions } from "@tfsaver/storage";
import { lockstep } from "../lockstep.js";
import { storeQuotients } from "../values/from-numbers.js";
import { type Numbers, numbersOf } from "../values/numbers.js";

/** Number of elements that are averaged at a time: few enough for the fastest cache. */
const BLOCK = 1024;

/** An open checkpoint, and its share of the average. */
export interface Weighted {
  readonly reader: CheckpointReader;
  readonly weight: number;
}

/** The tensors of the newest checkpoint, some of them averaged with those of the older ones while they are read. */
export class AveragedTensors implements TensorSource {
  readonly #newest: CheckpointReader;
  readonly #weightSum: number;
  /** Sums of the numbers that are being averaged. */
  readonly #sums = new Float64Array(BLOCK);
  /** Memory of the pieces of the older checkpoints. */
  readonly #memory = new PieceMemory();

  /**
   * @param sources - the newest last
   * @param averaged - names of the tensors to average, which all sources have with one dtype and shape
   */
  constructor(
    private readonly sources: readonly Weighted[],
    private readonly averaged: ReadonlySet<string>,
  ) {
    this.#newest = (sources.at(-1) as Weighted).reader;
    this.#weightSum = sources.reduce((sum, { weight }) => sum + weight, 0);
  }

  tensors(options?: CallOptions): AsyncIterable<TensorInfo> {
    return this.#newest.tensors(options);
  }

  async get(name: string, slice?: TensorSlice, options?: ReadOptions): Promise<Tensor> {
    if (!this.averaged.has(name)) return this.#newest.get(name, slice, options);
    const all: Tensor[] = [];
    for (const { reader } of this.sources) all.push(await reader.get(name, slice, options));
    return this.#average(all);
  }

  async *stream(name: string, options: StreamOptions = {}): AsyncGenerator<Tensor> {
    if (!this.averaged.has(name)) {
      yield* this.#newest.stream(name, options);
      return;
    }
    const info = (await this.#newest.info(name, options)) as TensorInfo;
    // The average takes the memory of the newest.
    const { allocate } = this.#memory;
    const tensors = this.sources.map(({ reader }) =>
      reader === this.#newest ? { reader, info } : { reader, info, allocate },
    );
    for await (const pieces of lockstep(tensors, options)) {
      throwIfAborted(options.signal);
      const average = this.#average(pieces);
      for (const { data } of pieces.slice(0, -1)) this.#memory.release(data as NumericData);
      yield average;
    }
  }

  /**
   * Computes the weighted mean in `float64`, in the order of the sources. Puts it in the place of the last tensor, which was
   * read for nothing else: new memory would take the system longer than the arithmetic takes.
   */
  #average(tensors: readonly Tensor[]): Tensor {
    const average = tensors.at(-1) as Tensor;
    const numbers = tensors.map(numbersOf);
    const weights = this.sources.map(({ weight }) => weight);
    const { length } = numbers[0] as Numbers;
    const sums = this.#sums;
    if (numbers.length === 2 && isWide(average)) {
      storeMean(average.data, numbers as [Numbers, Numbers], weights as [number, number], this.#weightSum);
      return average;
    }
    for (let start = 0; start < length; start += BLOCK) {
      const count = Math.min(BLOCK, length - start);
      addProducts(sums, numbers, weights, start, count);
      storeQuotients(average, start, sums, count, this.#weightSum);
    }
    return average;
  }
}

/** A tensor whose elements are stored as JavaScript's numbers. */
interface WideTensor extends Tensor {
  readonly data: Float32Array | Float64Array;
}

function isWide(tensor: Tensor): tensor is WideTensor {
  return tensor.data instanceof Float32Array || tensor.data instanceof Float64Array;
}

/** Stores the mean of two sources in one pass, which is the common case. */
function storeMean(
  target: Float32Array | Float64Array,
  [a, b]: readonly [Numbers, Numbers],
  [v, w]: readonly [number, number],
  divisor: number,
): void {
  const { length } = target;
  for (let i = 0; i < length; i++) target[i] = (v * (a[i] as number) + w * (b[i] as number)) / divisor;
}

/** Computes the sums of the weighted numbers from `start` on. Takes two sources at a time, because each pass takes time. */
function addProducts(
  sums: Float64Array,
  numbers: readonly Numbers[],
  weights: readonly number[],
  start: number,
  count: number,
): void {
  const [a, b] = numbers as readonly [Numbers, Numbers?];
  const [v, w] = weights as readonly [number, number?];
  if (b === undefined || w === undefined) {
    for (let i = 0; i < count; i++) sums[i] = v * (a[start + i] as number);
    return;
  }
  for (let i = 0; i < count; i++) sums[i] = v * (a[start + i] as number) + w * (b[start + i] as number);
  for (let k = 2; k < numbers.length; k++) {
    const [x, weight] = [numbers[k] as Numbers, weights[k] as number];
    for (let i = 0; i < count; i++) sums[i] = (sums[i] as number) + weight * (x[start + i] as number);
  }
}
