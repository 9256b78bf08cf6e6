import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { type Statistics, statTensor } from "@tfsaver/checkpoint-tools";
import type { Handlers } from "../../../rpc/index.js";
import type { OpenFiles } from "../../open-files.js";

export interface TrendContract {
  /** Computes the statistics of a tensor of any checkpoint; undefined if it has no such tensor. Reports progress. */
  trendPoint(request: {
    readonly source: number;
    readonly path: string;
    readonly name: string;
  }): Statistics | undefined;
}

export function trendHandlers(files: OpenFiles): Handlers<TrendContract> {
  return {
    trendPoint: async ({ source, path, name }, options) => {
      const storage = files.storage(source);
      // The list of all tensors is not made: there may be many checkpoints.
      const reader = await openCheckpoint(path, { ...options, storage });
      try {
        const info = await reader.info(name, options);
        return info && (await statTensor(info, reader.stream(name, { signal: options.signal }), options));
      } finally {
        await reader.close();
      }
    },
  };
}
