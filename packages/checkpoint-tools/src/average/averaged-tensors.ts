import type { CheckpointReader, TensorInfo } from "@tfsaver/checkpoint-reader";
import { type Tensor, type TensorSlice, throwIfAborted } from "@tfsaver/core";
import type { ReadOptions, StreamOptions } from "@tfsaver/core/slices";
import type { CallOptions } from "@tfsaver/storage";
import type { TensorSource } from "../convert/pieces.js";
import { lockstep } from "../lockstep.js";
import { tensorOfNumbers } from "../values/from-numbers.js";
import { numbersOf } from "../values/numbers.js";

/** An open checkpoint, and its share of the average. */
export interface Weighted {
  readonly reader: CheckpointReader;
  readonly weight: number;
}

/** The tensors of the newest checkpoint, some of them averaged with those of the older ones while they are read. */
export class AveragedTensors implements TensorSource {
  readonly #newest: CheckpointReader;
  readonly #weightSum: number;

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

  /** Computes the weighted mean in `float64`, in the order of the sources. */
  #average(tensors: readonly Tensor[]): Tensor {
    const { dtype, shape } = tensors[0] as Tensor;
    const sums = new Float64Array(numbersOf(tensors[0] as Tensor).length);
    for (const [i, tensor] of tensors.entries())
      addWeighted(sums, numbersOf(tensor), this.sources[i]?.weight as number);
    const total = this.#weightSum;
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) / total;
    return tensorOfNumbers(dtype, shape, sums);
  }
}

function addWeighted(sums: Float64Array, numbers: Float32Array | Float64Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + weight * (numbers[i] as number);
}
