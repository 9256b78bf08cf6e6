import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import { contentSize, isNumeric, type OperationOptions, shapesEqual, type Tensor } from "@tfsaver/core";
import { lockstep } from "../lockstep.js";
import { PieceProgress } from "../piece-progress.js";
import { magnitudesOf } from "../stat/magnitudes.js";
import { TensorStatisticsBuilder } from "../stat/stat-tensor.js";
import { type Statistics, StatisticsBuilder } from "../stat/statistics.js";
import { hasNumbers, type Numbers } from "../values/numbers.js";
import { is64Bit, ValueComparison, type ValueDifference } from "./value-difference.js";

/** A tensor of an open checkpoint, to be compared with another. */
export interface ComparedTensor {
  readonly source: TensorSource;
  readonly info: TensorInfo;
}

/** Options of {@link compareTensors}. */
export interface CompareTensorsOptions extends OperationOptions {
  /** Number of intervals of the histograms. Default: 60. */
  readonly intervals?: number | undefined;
  /** Gets the differences (second minus first) piece by piece, with the place of the first one in row-major order. */
  readonly onDifferences?: ((differences: Numbers, start: number) => void) | undefined;
}

/** Counts in intervals of the same width, from `min` to `max`. */
export interface SharedHistogram {
  readonly min: number;
  readonly max: number;
  readonly counts: readonly [before: readonly number[], after: readonly number[]];
}

/** Counts of differences, in intervals of the same width from `-max` to `max`. */
export interface DifferenceHistogram {
  readonly max: number;
  readonly counts: readonly number[];
}

/** Result of {@link compareTensors}. What is undefined can't be computed for these dtypes or shapes. */
export interface TensorComparison {
  /** Undefined if the shapes differ, or only one is made of numbers. */
  readonly values: ValueDifference | undefined;
  readonly statistics: readonly [before: Statistics, after: Statistics] | undefined;
  /** Statistics of the differences: second minus first, element by element. */
  readonly difference: Statistics | undefined;
  /** Both tensors over one range. */
  readonly histogram: SharedHistogram | undefined;
  /** The middle is no difference. */
  readonly differenceHistogram: DifferenceHistogram | undefined;
}

/**
 * Compares two tensors: their statistics and histograms, and, if their shapes are the same, their values and the differences
 * element by element. Computes in `float64`. Of complex numbers, the magnitudes count. Reads in pieces, so it needs little
 * memory, and verifies every checksum.
 *
 * @throws `DataLossError` if one is damaged.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { compareTensors, findTensor } from "@tfsaver/checkpoint-tools";
 *
 * const [a, b] = [await openCheckpoint("run/model.ckpt-6"), await openCheckpoint("run/model.ckpt-7")];
 * const [before, after] = [await findTensor(a, "dense/kernel"), await findTensor(b, "dense/kernel")];
 * const { difference } = await compareTensors({ source: a, info: before }, { source: b, info: after });
 * console.log(difference?.mean);
 * ```
 */
export async function compareTensors(
  before: ComparedTensor,
  after: ComparedTensor,
  options: CompareTensorsOptions = {},
): Promise<TensorComparison> {
  const { intervals = 60, onDifferences } = options;
  const [a, b] = [before.info, after.info];
  const areNumbers = hasNumbers(a.dtype) && hasNumbers(b.dtype);
  const hasSameShape = shapesEqual(a.shape, b.shape) && (areNumbers || a.dtype === b.dtype);
  const comparison = new ValueComparison({ atol: 0, rtol: 0 });
  const builders = [new TensorStatisticsBuilder(a), new TensorStatisticsBuilder(b)] as const;
  const differences = new StatisticsBuilder();
  let place = 0;
  for await (const pieces of piecesOf(before, after, hasSameShape, options)) {
    const [x, y] = pieces;
    if (hasSameShape && x !== undefined && y !== undefined) comparison.add(x, y);
    if (!areNumbers) continue;
    for (const [i, piece] of pieces.entries()) if (piece !== undefined) builders[i as 0 | 1].add(piece);
    if (!hasSameShape || x === undefined || y === undefined) continue;
    const change = subtract(y, x);
    onDifferences?.(change, place);
    place += change.length;
    differences.add(change);
  }
  const values = hasSameShape ? comparison.result() : undefined;
  if (!areNumbers) {
    const none = { statistics: undefined, difference: undefined, histogram: undefined, differenceHistogram: undefined };
    return { values, ...none };
  }
  const statistics = [builders[0].result(), builders[1].result()] as const;
  const difference = hasSameShape ? differences.result() : undefined;
  const histogram = sharedHistogram(builders, statistics, intervals);
  const differenceHistogram = difference && histogramOfDifferences(differences, difference, intervals);
  return { values, statistics, difference, histogram, differenceHistogram };
}

/** Reads both tensors together; if their shapes differ, one after the other. */
async function* piecesOf(
  before: ComparedTensor,
  after: ComparedTensor,
  together: boolean,
  options: OperationOptions,
): AsyncGenerator<[Tensor | undefined, Tensor | undefined]> {
  const both = [before, after].map(({ source, info }) => ({ reader: source, info }));
  const progress = new PieceProgress([before.info, after.info], options);
  if (together) {
    for await (const [x, y] of lockstep(both, progress.options)) {
      yield [x, y];
      progress.add(before.info.name, bytesOf(x) + bytesOf(y));
    }
    return;
  }
  for (const [i, { reader, info }] of both.entries()) {
    for await (const piece of progress.of(info.name, info, reader.stream(info.name, progress.options))) {
      yield i === 0 ? [piece, undefined] : [undefined, piece];
    }
  }
}

function bytesOf(piece: Tensor | undefined): number {
  return piece !== undefined && isNumeric(piece.dtype) ? contentSize(piece) : 0;
}

/** Subtracts the elements of `b` from those of `a`. */
function subtract({ data, ...a }: Tensor, b: Tensor): Float64Array {
  if (is64Bit(data) && is64Bit(b.data)) {
    const result = new Float64Array(data.length);
    // Rounded after the subtraction, so that small differences of large integers are exact.
    for (let i = 0; i < result.length; i++) result[i] = Number((data[i] as bigint) - (b.data[i] as bigint));
    return result;
  }
  const [x, y] = [magnitudesOf({ data, ...a }), magnitudesOf(b)];
  const result = new Float64Array(x.length);
  for (let i = 0; i < result.length; i++) result[i] = (x[i] as number) - (y[i] as number);
  return result;
}

function sharedHistogram(
  builders: readonly [TensorStatisticsBuilder, TensorStatisticsBuilder],
  statistics: readonly Statistics[],
  intervals: number,
): SharedHistogram | undefined {
  const ends = statistics.flatMap(({ min, max }) => (min === undefined || max === undefined ? [] : [min, max]));
  const numbers = ends.map(Number).sort((a, b) => a - b);
  const [min, max] = [numbers[0], numbers.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const range = { min, max };
  return {
    ...range,
    counts: [builders[0].numbers.histogram(intervals, range), builders[1].numbers.histogram(intervals, range)],
  };
}

function histogramOfDifferences(
  builder: StatisticsBuilder,
  { min, max }: Statistics,
  intervals: number,
): DifferenceHistogram | undefined {
  if (min === undefined || max === undefined) return undefined;
  const end = Math.max(Math.abs(Number(min)), Math.abs(Number(max)));
  return { max: end, counts: builder.histogram(intervals, { min: -end, max: end }) };
}
