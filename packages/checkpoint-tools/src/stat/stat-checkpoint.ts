import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import type { DType, OperationOptions, Shape } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { PieceProgress } from "../piece-progress.js";
import { selectTensors } from "../select/select-tensors.js";
import { TensorStatisticsBuilder } from "./stat-tensor.js";
import { type Statistics, StatisticsBuilder } from "./statistics.js";

/** Options of {@link statCheckpoint}. */
export interface StatOptions extends OperationOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Names and patterns of tensors, as `selectTensors` takes them. Default: all tensors. */
  readonly names?: readonly string[] | undefined;
  /** Number of parts of a name that are the scope of a tensor, such as 1 for `encoder` of `encoder/dense/kernel`. Default: 1. */
  readonly depth?: number | undefined;
  /** Called with the statistics of each tensor as soon as they are known. */
  readonly onTensor?: ((statistics: TensorStatistics) => void | Promise<void>) | undefined;
}

/** Statistics of a tensor. Those of strings have counts only. */
export interface TensorStatistics extends Statistics {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Statistics of the tensors of one scope. */
export interface ScopeStatistics extends Statistics {
  /** The first parts of the names; empty for tensors without a scope. */
  readonly scope: string;
  readonly tensors: number;
}

/** Result of {@link statCheckpoint}. */
export interface CheckpointStatistics {
  /** In the order of the names. */
  readonly tensors: readonly TensorStatistics[];
  /** In the order of the names. */
  readonly scopes: readonly ScopeStatistics[];
  readonly total: Statistics;
}

/**
 * Computes statistics of the tensors of a checkpoint, of each scope, and of all together: extremes, mean, deviation, norms,
 * quantiles, a histogram, and counts of zeros, NaN and infinities. Computes in `float64`. Of a complex number, the magnitude
 * counts; `true` is 1. Reads tensors in pieces, so it needs little memory, and verifies every checksum.
 *
 * Quantiles are exact for up to about a million elements; beyond, they are within 0.05 %.
 *
 * @param prefix - as `resolveCheckpoint` returns it
 * @throws `NotFoundError` if a name selects nothing; the errors of `openCheckpoint`; `DataLossError` at the first damaged tensor.
 *
 * @example
 * ```ts
 * import { statCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const { tensors } = await statCheckpoint("run/model.ckpt-7", { names: ["*kernel"] });
 * for (const { name, mean, nan } of tensors) console.log(name, mean, nan > 0 ? "has NaN" : "");
 * ```
 */
export async function statCheckpoint(prefix: string, options: StatOptions = {}): Promise<CheckpointStatistics> {
  const { signal, names, depth = 1, onTensor } = options;
  const reader = await openCheckpoint(prefix, options);
  try {
    const infos = await selectTensors(reader, names, { signal });
    const progress = new PieceProgress(infos, options);
    const total = new StatisticsBuilder();
    const scopes = new Scopes(depth);
    const tensors: TensorStatistics[] = [];
    for (const info of infos) {
      const { name, dtype, shape } = info;
      const builder = new TensorStatisticsBuilder(info);
      if (builder.needsPieces) {
        const pieces = reader.stream(name, { signal });
        for await (const piece of progress.of(name, info, pieces)) builder.add(piece);
      } else progress.add(name, info.size);
      const statistics = { name, dtype, shape, ...builder.result() };
      tensors.push(statistics);
      total.merge(builder.numbers);
      scopes.add(name, builder.numbers);
      await onTensor?.(statistics);
    }
    return { tensors, scopes: scopes.results(), total: total.result() };
  } finally {
    await reader.close();
  }
}

/** The statistics of scopes. In the order of names, a scope ends where the names no longer start with it. */
class Scopes {
  readonly #done: ScopeStatistics[] = [];
  readonly #open = new Map<string, { readonly builder: StatisticsBuilder; tensors: number }>();

  constructor(private readonly depth: number) {}

  add(name: string, builder: StatisticsBuilder): void {
    const scope = name.split("/").slice(0, -1).slice(0, this.depth).join("/");
    for (const open of this.#open.keys()) if (open !== "" && !name.startsWith(`${open}/`)) this.#close(open);
    const group = this.#open.get(scope) ?? { builder: new StatisticsBuilder(), tensors: 0 };
    this.#open.set(scope, group);
    group.builder.merge(builder);
    group.tensors++;
  }

  results(): ScopeStatistics[] {
    for (const scope of this.#open.keys()) this.#close(scope);
    return this.#done.sort((a, b) => (a.scope < b.scope ? -1 : 1));
  }

  #close(scope: string): void {
    const group = this.#open.get(scope);
    this.#open.delete(scope);
    if (group !== undefined) this.#done.push({ scope, tensors: group.tensors, ...group.builder.result() });
  }
}
