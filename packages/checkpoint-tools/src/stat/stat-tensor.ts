import { numElements, type OperationOptions, type Tensor } from "@tfsaver/core";
import { PieceProgress } from "../piece-progress.js";
import type { TensorDescription } from "../values/format-tensor.js";
import { hasNumbers } from "../values/numbers.js";
import { magnitudesOf } from "./magnitudes.js";
import { type HistogramOptions, type Statistics, StatisticsBuilder } from "./statistics.js";

/** Options of {@link statTensor}. */
export interface StatTensorOptions extends OperationOptions, HistogramOptions {}

/**
 * Computes the statistics of one tensor that comes in pieces, such as those of `CheckpointReader.stream`, as `statCheckpoint`
 * does. Reports progress after each piece. The pieces of strings are not asked for.
 *
 * @param tensor - dtype and shape of the whole, and its size in bytes
 * @throws what the pieces throw; `CancelledError` if the signal is aborted.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { statTensor } from "@tfsaver/checkpoint-tools";
 *
 * const reader = await openCheckpoint("run/model.ckpt-7");
 * const info = await reader.info("dense/kernel");
 * if (info !== undefined) console.log((await statTensor(info, reader.stream(info.name), { intervals: 64 })).histogram);
 * await reader.close();
 * ```
 */
export async function statTensor(
  tensor: TensorDescription & { readonly name: string; readonly size: number },
  pieces: AsyncIterable<Tensor>,
  options: StatTensorOptions = {},
): Promise<Statistics> {
  const builder = new TensorStatisticsBuilder(tensor);
  if (builder.needsPieces) {
    const progress = new PieceProgress([tensor], options);
    for await (const piece of progress.of(tensor.name, tensor, pieces)) builder.add(piece);
  }
  return builder.result(options);
}

/** Computes the statistics of a tensor that comes in pieces. */
export class TensorStatisticsBuilder {
  /** The statistics of its numbers. */
  readonly numbers = new StatisticsBuilder();
  /** False for strings: they have no numbers, but are counted. */
  readonly needsPieces: boolean;

  constructor(private readonly tensor: TensorDescription) {
    this.needsPieces = hasNumbers(tensor.dtype);
  }

  /** Adds a piece, and keeps its memory. */
  add(piece: Tensor): void {
    this.numbers.add(magnitudesOf(piece));
    const { data } = piece;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) this.numbers.addExtremes(data);
  }

  result(options?: HistogramOptions): Statistics {
    const counted = this.needsPieces ? {} : { elements: numElements(this.tensor.shape) };
    return { ...this.numbers.result(options), ...counted };
  }
}
