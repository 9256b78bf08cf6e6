import { parseShardFilespec } from "@tfsaver/checkpoint-names";
import { escapeGlob } from "@tfsaver/storage";

/**
 * Escapes a prefix, so that as a pattern it matches only its own files. The shard numbers of a sharded V1 checkpoint
 * (`model-?????-of-00002`) stay a pattern.
 */
export function literalPattern(prefix: string): string {
  const shards = parseShardFilespec(prefix);
  if (shards?.numShards === undefined) return escapeGlob(prefix);
  return escapeGlob(shards.prefix) + prefix.slice(shards.prefix.length);
}
