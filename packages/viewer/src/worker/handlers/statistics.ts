import { statCheckpoint, type TensorStatistics } from "@tfsaver/checkpoint-tools";
import { NotFoundError } from "@tfsaver/core";
import type { Handlers } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

export interface StatisticsContract {
  /** Computes the statistics of a whole tensor. Reports progress, and verifies its checksums. */
  statistics(request: { readonly id: number; readonly name: string }): TensorStatistics;
}

export function statisticsHandlers(files: OpenFiles): Handlers<StatisticsContract> {
  return {
    statistics: async ({ id, name }, options) => {
      const { prefix, storage } = files.get(id);
      const { tensors } = await statCheckpoint(prefix, { ...options, storage, names: [name] });
      const [first] = tensors;
      if (first === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
      return first;
    },
  };
}
