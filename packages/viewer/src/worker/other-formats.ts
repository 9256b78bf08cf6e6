import type { InterchangeFormat } from "@tfsaver/interchange";
import type { FileSource } from "@tfsaver/interchange/safetensors";
import type { CallOptions, Storage } from "@tfsaver/storage";

type Open = (path: string, options: CallOptions & { readonly storage: Storage }) => Promise<FileSource>;

/** Opens files of other formats. The code for each is loaded when it is needed. */
export const OTHERS: Readonly<Record<InterchangeFormat, Open>> = {
  safetensors: async (path, options) =>
    (await import("@tfsaver/interchange/safetensors")).openSafetensors(path, options),
  npz: async (path, options) => (await import("@tfsaver/interchange/npz")).openNpz(path, options),
  tfjs: async (path, options) => (await import("@tfsaver/interchange/tfjs-weights")).openTfjsWeights(path, options),
  keras: async (path, options) => (await import("@tfsaver/interchange/keras-h5")).openKerasWeights(path, options),
};
