import type { TensorSource } from "@tfsaver/checkpoint-reader";
import { FileSource } from "./file-source.js";

/** Returns the text that is stored with the tensors of a source; none for a checkpoint. */
export function metadataOf(source: TensorSource): Readonly<Record<string, string>> {
  return source instanceof FileSource ? source.metadata : {};
}

/** Returns the prefix of the checkpoint that a source reads; undefined if it reads none. */
export function prefixOf(source: TensorSource): string | undefined {
  return "prefix" in source && typeof source.prefix === "string" ? source.prefix : undefined;
}

/** Returns the files of a source that a writer must not replace. A writer of other formats replaces no file of a checkpoint. */
export function pathsOf(source: TensorSource): readonly string[] {
  return source instanceof FileSource ? source.paths : [];
}
