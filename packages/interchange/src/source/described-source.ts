import {
  dataFilename,
  indexFilename,
  metaGraphFilename,
  parseShardFilespec,
  STATE_FILENAME,
  shardFilename,
} from "@tfsaver/checkpoint-names";
import type { CheckpointReader, TensorSource } from "@tfsaver/checkpoint-reader";
import { dirname, joinPath } from "@tfsaver/storage";
import { FileSource } from "./file-source.js";

/** Returns the text that is stored with the tensors of a source; none for a checkpoint. */
export function metadataOf(source: TensorSource): Readonly<Record<string, string>> {
  return source instanceof FileSource ? source.metadata : {};
}

/** Returns the prefix of the checkpoint that a source reads; undefined if it reads none. */
export function prefixOf(source: TensorSource): string | undefined {
  return "prefix" in source && typeof source.prefix === "string" ? source.prefix : undefined;
}

/** Returns the files of a source, and what belongs to a checkpoint: its graph and the state file. A writer must not replace them. */
export function pathsOf(source: TensorSource | CheckpointReader): readonly string[] {
  if (source instanceof FileSource) return source.paths;
  return "numShards" in source ? filesOf(source) : [];
}

function filesOf({ prefix, format, numShards }: CheckpointReader): string[] {
  const shards = Array.from({ length: numShards }, (_, shard) => shard);
  const filespec = format === "V1" ? parseShardFilespec(prefix) : undefined;
  const own = filespec?.prefix ?? prefix;
  const beside = [metaGraphFilename(own), joinPath(dirname(own), STATE_FILENAME)];
  if (format === "V2") {
    return [indexFilename(own), ...shards.map((shard) => dataFilename(own, shard, numShards)), ...beside];
  }
  return [...(filespec === undefined ? [own] : shards.map((shard) => shardFilename(own, shard, numShards))), ...beside];
}
