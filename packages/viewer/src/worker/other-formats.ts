import { UnimplementedError } from "@tfsaver/core";
import type { InterchangeFormat } from "@tfsaver/interchange";
import type { FileSource } from "@tfsaver/interchange/safetensors";
import type { CallOptions, Storage } from "@tfsaver/storage";

type Open = (path: string, options: CallOptions & { readonly storage: Storage }) => Promise<FileSource>;

/** Opens files of other formats. The code for each is loaded when it is needed. */
export const OTHERS: Readonly<Record<InterchangeFormat, Open>> = {
  safetensors: async (...args) => (await import("@tfsaver/interchange/safetensors")).openSafetensors(...args),
  npz: async (...args) => (await import("@tfsaver/interchange/npz")).openNpz(...args),
  tfjs: async (...args) => (await import("@tfsaver/interchange/tfjs-weights")).openTfjsWeights(...args),
  keras: async (path) => {
    throw new UnimplementedError(`${path}: the viewer can't read HDF5 yet`, { path });
  },
};
