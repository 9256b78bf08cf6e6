/** The end of a V1 shard's name, or of the pattern for all of them. */
export const SHARD_SUFFIX = /-[\p{Nd}?]+-of-\p{Nd}+(?=\n?$)/u;

/**
 * Name of the meta graph file of a checkpoint: its path without the suffix of a V1 shard, and `suffix` behind a dot.
 *
 * @example
 * ```ts
 * metaGraphFilename("dir/model-5"); // "dir/model-5.meta"
 * metaGraphFilename("dir/model-5-?????-of-00002"); // "dir/model-5.meta"
 * ```
 */
export function metaGraphFilename(checkpointFilename: string, suffix = "meta"): string {
  return `${checkpointFilename.replace(SHARD_SUFFIX, "")}.${suffix}`;
}
