import { dataFilename, indexFilename, parseShardFilespec, shardFilename } from "@tfsaver/checkpoint-names";
import type { CheckpointReader, TensorSource } from "@tfsaver/checkpoint-reader";
import { FileSource } from "./file-source.js";

/** Returns the text that is stored with the tensors of a source; none for a checkpoint. */
export function metadataOf(source: TensorSource): Readonly<Record<string, string>> {
  return source instanceof FileSource ? source.metadata : {};
}

/** Returns the prefix of the checkpoint that a source reads; undefined if it reads none. */
export function prefixOf(source: TensorSource): string | undefined {
  return "prefix" in source && typeof source.prefix === "string" ? source.prefix : undefined;
}

/** Returns the files of a source, which a writer must not replace. */
export function pathsOf(source: TensorSource | CheckpointReader): readonly string[] {
  if (source instanceof FileSource) return source.paths;
  return "numShards" in source ? filesOf(source) : [];
}

function filesOf({ prefix, format, numShards }: CheckpointReader): string[] {
  const shards = Array.from({ length: numShards }, (_, shard) => shard);
  if (format === "V2") return [indexFilename(prefix), ...shards.map((shard) => dataFilename(prefix, shard, numShards))];
  const filespec = parseShardFilespec(prefix);
  return filespec === undefined ? [prefix] : shards.map((shard) => shardFilename(filespec.prefix, shard, numShards));
}
