import type { TensorSource } from "@tfsaver/checkpoint-reader";
import { isCheckpointError } from "@tfsaver/core";
import type { InterchangeFormat } from "@tfsaver/interchange";
import type { Exported, FileSource, WriteSafetensorsOptions } from "@tfsaver/interchange/safetensors";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { UsageError } from "../../errors.js";
import { howToInstall } from "../../optional-packages.js";

/** A format that `tfckpt convert` reads, besides checkpoints. */
export type ReadableFormat = InterchangeFormat;

/** A format that `tfckpt convert` writes, besides checkpoints. */
export type WritableFormat = Exclude<InterchangeFormat, "keras">;

interface OpenOptions extends CallOptions {
  readonly storage: Storage;
}

/** Opens a file of another format. Throws UsageError if a package that the format needs is not installed. */
export function openFile(format: ReadableFormat, path: string, options: OpenOptions): Promise<FileSource> {
  return needingPackages(() => open(format, path, options));
}

/** Writes a source as a file, or as several, of another format. Throws UsageError if a package is not installed. */
export function writeFile(
  format: WritableFormat,
  source: TensorSource,
  path: string,
  options: WriteSafetensorsOptions,
): Promise<Exported> {
  return needingPackages(() => write(format, source, path, options));
}

async function needingPackages<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isCheckpointError(error, "FailedPreconditionError")) throw error;
    // A program installs the package in its own folder, a command where it is installed itself.
    const message = error.message.replace(/run npm install (\S+)$/, (_, name) => howToInstall([name]));
    throw new UsageError(message, { cause: error });
  }
}

/** Each format is loaded when it is needed. */
async function open(format: ReadableFormat, path: string, options: OpenOptions): Promise<FileSource> {
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

async function write(
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
