import { shardFilename } from "@tfsaver/storage";

/** Returns the path of a checkpoint's index file. */
export function indexFilename(prefix: string): string {
  return `${prefix}.index`;
}

/** Returns the path of data file `shard`, counted from 0 (TensorFlow's `DataFilename`). */
export function dataFilename(prefix: string, shard: number, numShards: number): string {
  return shardFilename(`${prefix}.data`, shard, numShards);
}

/**
 * Returns the staged path of the index of a checkpoint that replaces another: see `commitBundle`. It has TensorFlow's form of
 * a temporary name, with a number that `temporarySuffix` never uses.
 */
export function stagedIndexFilename(prefix: string): string {
  return `${indexFilename(prefix)}.tempstate0`;
}

/** Returns the staged path of a data file. It is as long as the final path, so it fits wherever that does. */
export function stagedDataFilename(dataFilename: string): string {
  return dataFilename.replace(/\.data(?=-\d{5,}-of-\d{5,}$)/, ".temp");
}
