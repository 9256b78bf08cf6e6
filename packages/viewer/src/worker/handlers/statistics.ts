import { type Statistics, statTensor } from "@tfsaver/checkpoint-tools";
import { NotFoundError } from "@tfsaver/core";
import type { Handlers } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

export interface StatisticsContract {
  /** Computes the statistics of a whole tensor. Reports progress, and verifies its checksums. */
  statistics(request: {
    readonly id: number;
    readonly name: string;
    /** Number of intervals of the histogram. */
    readonly intervals: number;
  }): Statistics;
}

export function statisticsHandlers(files: OpenFiles): Handlers<StatisticsContract> {
  return {
    statistics: async ({ id, name, intervals }, { signal, onProgress }) => {
      const { tensors, infos } = files.get(id);
      const info = infos.get(name);
      if (info === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
      return statTensor(info, tensors.stream(name, { signal }), { signal, onProgress, intervals });
    },
  };
}
