import { DATA, PARTS, STAGED_DATA, WHOLE } from "./endings.js";
import { fiveDigits, SHARD_NUMBER } from "./shard-number.js";

/*
 * One rule for all glob patterns: the prefix is part of the pattern. To match a prefix as it is written, escape it first
 * (`escapeGlob` of `@tfsaver/storage`). The same holds for a printer whose result is used as a pattern.
 */

/** Stands for a shard number in a pattern. */
const ANY_NUMBER = "?????";

/** Gives the pattern of all shards of a V1 checkpoint (TensorFlow's `ShardedFilespec`): `model-?????-of-00002`. */
export function shardFilespec(prefix: string, numShards: number): string {
  return `${prefix}-${ANY_NUMBER}-of-${fiveDigits(numShards)}`;
}

/** Gives the pattern of all shards of a V1 checkpoint, however many they are: `model-?????-of-?????`. */
export function allShardsPattern(prefix: string): string {
  return `${prefix}-${ANY_NUMBER}-of-${ANY_NUMBER}`;
}

/**
 * Gives the pattern of the data shards of a V2 checkpoint: `model.data-?????-of-?????`. Like TensorFlow's
 * `remove_checkpoint`, it does not match numbers of more than five digits.
 */
export function allDataPattern(prefix: string): string {
  return allShardsPattern(prefix + DATA);
}

/** Gives the pattern of the data shards that wait to replace older ones: `model.temp-?????-of-?????`. */
export function allStagedDataPattern(prefix: string): string {
  return allShardsPattern(prefix + STAGED_DATA);
}

/** Gives the pattern of everything that looks like a data shard, temporary or with long numbers: `model.data-*-of-*`. */
export function looseDataPattern(prefix: string): string {
  return `${prefix}${DATA}-*-of-*`;
}

/** Gives the pattern of {@link wholeShardFilename}, however many shards there are. */
export function wholeShardPattern(prefix: string): string {
  return `${prefix}${PARTS}/${WHOLE}-${fiveDigits(0)}-of-${ANY_NUMBER}`;
}

/** The shards of a V1 checkpoint, as {@link parseShardFilespec} reads them. */
export interface ShardFilespec {
  /** The text before the shard numbers: a part of a pattern. */
  readonly prefix: string;
  /** `undefined` if the pattern leaves it open. */
  readonly numShards: number | undefined;
}

const FILESPEC = new RegExp(`-\\?{5}-of-(${SHARD_NUMBER}|\\?{5})$`);

/**
 * Parses a pattern of all shards of a V1 checkpoint, as {@link shardFilespec} and {@link allShardsPattern} give it.
 *
 * @returns `undefined` for any other path
 */
export function parseShardFilespec(pattern: string): ShardFilespec | undefined {
  const match = FILESPEC.exec(pattern);
  if (match === null) return undefined;
  const count = match[1];
  return { prefix: pattern.slice(0, match.index), numShards: count === ANY_NUMBER ? undefined : Number(count) };
}
