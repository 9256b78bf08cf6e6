import { finalFilename, parseCheckpointFilename, shardFilename } from "@tfsaver/checkpoint-names";
import type { FileProblem } from "@tfsaver/core/slices";

/** Maximum number of shards of which missing ones are listed: a file name can claim 2³¹. */
const MAX_LISTED = 99_999;

/** Reports the shards that are missing beside those that were found: file names contain the number of shards. */
export function absentShards(paths: readonly string[]): FileProblem[] {
  const shards = paths
    .map((path) => parseCheckpointFilename(path))
    .filter(({ role, stage, numShards }) => role === "slices" && stage !== "temporary" && numShards !== undefined);
  const found = new Set(shards.map(finalFilename));
  const sets = new Map(
    shards.map(({ prefix, numShards = 0 }) => [shardFilename(prefix, 0, numShards), { prefix, numShards }]),
  );
  const problems: FileProblem[] = [];
  for (const { prefix, numShards } of sets.values()) {
    if (numShards > MAX_LISTED) continue;
    for (let shard = 0; shard < numShards; shard++) {
      const path = shardFilename(prefix, shard, numShards);
      if (!found.has(path)) problems.push({ path, message: "this shard of the checkpoint is missing" });
    }
  }
  return problems;
}
