import { mergeBundles } from "@tfsaver/tensor-bundle";
import type { Kernel, KernelCall } from "../../kernel.js";
import { textOf, textsOf } from "../arguments.js";

function mergeV2Checkpoints(call: KernelCall): Promise<void> {
  const { attributes, storage, signal, beforeCommit, staging } = call;
  const flag = (name: string, fallback: boolean) => (attributes.has(name) ? attributes.bool(name) : fallback);
  const [sources, destination] = [textsOf(call, call.input(0)), textOf(call.input(1), "destination_prefix")];
  // Merging also removes the sources.
  for (const path of [...sources, destination]) call.requireWritable(path);
  return mergeBundles(sources, destination, {
    storage,
    signal,
    beforeCommit,
    staging,
    allowMissingFiles: flag("allow_missing_files", false),
    deleteOldDirs: flag("delete_old_dirs", true),
  });
}

/** Kernel of the operation that merges the shards of a checkpoint. */
export const mergeKernels: Readonly<Record<string, Kernel>> = { MergeV2Checkpoints: mergeV2Checkpoints };
