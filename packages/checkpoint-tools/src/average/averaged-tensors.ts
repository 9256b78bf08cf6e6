import type { CheckpointReader, TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import { type Tensor, type TensorSlice, throwIfAborted } from "@tfsaver/core";
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
    const tensors = this.sources.map(({ reader }) => ({ reader, info }));
    for await (const pieces of lockstep(tensors, options)) {
      throwIfAborted(options.signal);
      yield this.#average(pieces);
    }
  }

  /**
   * Computes the weighted mean in `float64`, in the order of the sources. Puts it in the place of the last tensor, which was
   * read for nothing else: new memory would take the system longer than the arithmetic takes.
   */
  #average(tensors: readonly Tensor[]): Tensor {
    const average = tensors.at(-1) as Tensor;
    const numbers = tensors.map(numbersOf);
    const { length } = numbers[0] as Numbers;
    for (let start = 0; start < length; start += BLOCK) {
      const count = Math.min(BLOCK, length - start);
      const sums = this.#sums.fill(0);
      for (let i = 0; i < numbers.length; i++) {
        addWeighted(sums, numbers[i] as Numbers, start, count, (this.sources[i] as Weighted).weight);
      }
      storeQuotients(average, start, sums, count, this.#weightSum);
    }
    return average;
  }
}

/** Adds weighted numbers, of which the first is the one at `start`. */
function addWeighted(sums: Float64Array, numbers: Numbers, start: number, count: number, weight: number): void {
  // The common case, in half of the time.
  if (weight === 1) for (let i = 0; i < count; i++) sums[i] = (sums[i] as number) + (numbers[start + i] as number);
  else for (let i = 0; i < count; i++) sums[i] = (sums[i] as number) + weight * (numbers[start + i] as number);
}
