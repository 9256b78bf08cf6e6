import { type Statistics, statTensor } from "@tfsaver/checkpoint-tools";
import { isNumeric, NotFoundError, type Tensor } from "@tfsaver/core";
import { isReadInParts } from "../../model/tensor/read-in-parts.js";
import type { Handlers } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";
import type { TensorParts } from "../tensor-parts.js";

export interface StatisticsContract {
  /** Computes the statistics of a whole tensor. Reports progress, and verifies its checksums. */
  statistics(request: {
    readonly id: number;
    readonly name: string;
    /** Number of intervals of the histogram. */
    readonly intervals: number;
  }): Statistics;
}

export function statisticsHandlers(files: OpenFiles, parts: TensorParts): Handlers<StatisticsContract> {
  return {
    statistics: async ({ id, name, intervals }, { signal, onProgress }) => {
      const file = files.get(id);
      const info = file.infos.get(name);
      if (info === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
      // What is kept in memory anyway is not read again.
      async function* kept(): AsyncGenerator<Tensor> {
        yield (await parts.get(id, name, undefined, { signal })).tensor;
      }
      const isKept = isNumeric(info.dtype) && !isReadInParts({ ...file.form(info), size: info.size });
      const pieces = isKept ? kept() : file.tensors.stream(name, { signal });
      return statTensor(info, pieces, { signal, onProgress, intervals });
    },
  };
}
