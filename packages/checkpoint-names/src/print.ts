import {
  DATA,
  INDEX,
  LOCK,
  MARKS,
  META_GRAPH_SUFFIX,
  PART,
  PARTS,
  RECORDS,
  STAGED_DATA,
  TEMPSTATE,
  WEIGHTS_INDEX,
  WHOLE,
} from "./endings.js";
import type { CheckpointFilename } from "./filename.js";
import { fiveDigits } from "./shard-number.js";
import { withSuffix } from "./temporary.js";

/** Names the index of a V2 checkpoint: `model.index`. */
export function indexFilename(prefix: string): string {
  return prefix + INDEX;
}

/** Names a data shard of a V2 checkpoint, counted from 0 (TensorFlow's `DataFilename`): `model.data-00000-of-00002`. */
export function dataFilename(prefix: string, shard: number, numShards: number): string {
  return shardFilename(prefix + DATA, shard, numShards);
}

/** Names a shard of a V1 checkpoint, counted from 0 (TensorFlow's `ShardedFilename`): `model-00000-of-00002`. */
export function shardFilename(prefix: string, shard: number, numShards: number): string {
  return `${prefix}-${fiveDigits(shard)}-of-${fiveDigits(numShards)}`;
}

/**
 * Names the meta graph of a checkpoint. The suffix of a shard, or the pattern of all shards, is left out first, by the rule
 * of TensorFlow's `meta_graph_filename`.
 *
 * @param suffix - the ending, without the dot. Default: `meta`
 *
 * @example
 * ```ts
 * import { metaGraphFilename } from "@tfsaver/checkpoint-names";
 *
 * metaGraphFilename("dir/model-5"); // "dir/model-5.meta"
 * metaGraphFilename("dir/model-5-?????-of-00002"); // "dir/model-5.meta"
 * ```
 */
export function metaGraphFilename(checkpointFilename: string, suffix: string = META_GRAPH_SUFFIX): string {
  return `${checkpointFilename.replace(PYTHON_SHARD_SUFFIX, "")}.${suffix}`;
}

/** Python's `-[\d\?]+-of-\d+$`: its `\d` takes the digits of all scripts, its `$` also stands before a last newline. */
const PYTHON_SHARD_SUFFIX = /-[\p{Nd}?]+-of-\p{Nd}+(?=\n?$)/u;

/** Names the file of steps and metrics beside a state file: `checkpoint.records.json`. */
export function recordsFilename(stateFilename: string): string {
  return stateFilename + RECORDS;
}

/** Names the lock of a checkpoint: `model.saving`. A name of more than 255 bytes is cut. */
export function lockFilename(prefix: string): string {
  return withSuffix(prefix, LOCK);
}

/** Names the guard that a process holds while it removes an abandoned lock: `model.saving.tempstate2`. */
export function breakingFilename(lockFilename: string): string {
  return withSuffix(lockFilename, marked(MARKS.breaking));
}

/** Names the index of a checkpoint that is being removed, which tells that its data files are of no use. */
export function removingFilename(prefix: string): string {
  return indexFilename(prefix) + marked(MARKS.removing);
}

/** Names the index of a V2 checkpoint while it waits to replace an older one. */
export function stagedIndexFilename(prefix: string): string {
  return indexFilename(prefix) + marked(MARKS.staged);
}

/** Names a data shard of a V2 checkpoint while it waits to replace an older one: `model.temp-00000-of-00002`. */
export function stagedDataFilename(prefix: string, shard: number, numShards: number): string {
  return shardFilename(prefix + STAGED_DATA, shard, numShards);
}

function marked(number: bigint): string {
  return `${TEMPSTATE}${number}`;
}

/** Names the folder in which the parts of a checkpoint are written before they are put together: `model_temp`. */
export function partsFolder(prefix: string): string {
  return prefix + PARTS;
}

/**
 * Gives the prefix of the parts of a checkpoint: `model_temp/part`. The shards of a sharded V2 checkpoint are written under
 * it before they are merged, and those of a V1 checkpoint before they replace an older one.
 */
export function partPrefix(prefix: string): string {
  return `${partsFolder(prefix)}/${PART}`;
}

/** Gives the prefix of the parts of a V2 checkpoint as TensorFlow does on object stores, without a folder: `model.part`. */
export function flatPartPrefix(prefix: string): string {
  return `${prefix}.${PART}`;
}

/** Names a shard of a V1 checkpoint while it waits to replace an older one: `model_temp/part-00000-of-00002`. */
export function stagedShardFilename(prefix: string, shard: number, numShards: number): string {
  return shardFilename(partPrefix(prefix), shard, numShards);
}

/** Names the first staged shard of a V1 checkpoint once all are staged: `model_temp/whole-00000-of-00002`. */
export function wholeShardFilename(prefix: string, numShards: number): string {
  return shardFilename(`${partsFolder(prefix)}/${WHOLE}`, 0, numShards);
}

/** Gives the final name of a file: `model-00000-of-00002` for the one parsed from `model_temp/part-00000-of-00002`. */
export function finalFilename(file: CheckpointFilename): string {
  const { prefix, role, shard, numShards } = file;
  const ofShard = shard !== undefined && numShards !== undefined;
  switch (role) {
    case "index":
      return indexFilename(prefix);
    case "data":
      return ofShard ? dataFilename(prefix, shard, numShards) : prefix;
    case "slices":
      return ofShard ? shardFilename(prefix, shard, numShards) : prefix;
    case "meta-graph":
      return `${prefix}.${META_GRAPH_SUFFIX}`;
    case "state":
      return prefix;
    case "records":
      return recordsFilename(prefix);
    case "lock":
      return lockFilename(prefix);
    case "parts":
      return partsFolder(prefix);
  }
}

/** Names the index of a set of files of another format: `model.safetensors.index.json`. */
export function weightsIndexFilename(path: string): string {
  return path + WEIGHTS_INDEX;
}
