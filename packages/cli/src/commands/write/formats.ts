import type { TensorSource } from "@tfsaver/checkpoint-reader";
import type { InterchangeFormat } from "@tfsaver/interchange";
import type { Exported, FileSource, WriteSafetensorsOptions } from "@tfsaver/interchange/safetensors";
import type { CallOptions, Storage } from "@tfsaver/storage";

/** A format that `tfckpt convert` reads, besides checkpoints. */
export type ReadableFormat = InterchangeFormat;

/** A format that `tfckpt convert` writes, besides checkpoints. */
export type WritableFormat = Exclude<InterchangeFormat, "keras">;

interface OpenOptions extends CallOptions {
  readonly storage: Storage;
}

/** Opens a file of another format. Each format is loaded when it is needed. */
export async function openFile(format: ReadableFormat, path: string, options: OpenOptions): Promise<FileSource> {
  switch (format) {
    case "safetensors":
      return (await import("@tfsaver/interchange/safetensors")).openSafetensors(path, options);
    case "npz":
      return (await import("@tfsaver/interchange/npz")).openNpz(path, options);
    case "tfjs":
      return (await import("@tfsaver/interchange/tfjs-weights")).openTfjsWeights(path, options);
    case "keras":
      return (await import("@tfsaver/interchange/keras-h5")).openKerasWeights(path, options);
  }
}

/** Writes a source as a file, or as several, of another format. */
export async function writeFile(
  format: WritableFormat,
  source: TensorSource,
  path: string,
  options: WriteSafetensorsOptions,
): Promise<Exported> {
  switch (format) {
    case "safetensors":
      return (await import("@tfsaver/interchange/safetensors")).writeSafetensors(source, path, options);
    case "npz":
      return (await import("@tfsaver/interchange/npz")).writeNpz(source, path, options);
    case "tfjs":
      return (await import("@tfsaver/interchange/tfjs-weights")).writeTfjsWeights(source, path, options);
  }
}
