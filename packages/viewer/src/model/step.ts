import { parseShardFilespec } from "@tfsaver/checkpoint-names";

/** Returns the step that a prefix ends with, `model.ckpt-7`; undefined if it ends otherwise. */
export function stepOf(path: string): number | undefined {
  // A sharded V1 checkpoint is a pattern of its shards.
  const prefix = parseShardFilespec(path)?.prefix ?? path;
  const digits = /-(\d{1,15})$/.exec(prefix)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
