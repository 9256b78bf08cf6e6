import { resolveCheckpoint } from "@tfsaver/checkpoint-tools";
import type { Context } from "./context.js";
import { finding } from "./errors.js";

/** The prefix of the checkpoint that an argument means. */
export function find(path: string, { storage, onWarning }: Context): Promise<string> {
  return finding(() => resolveCheckpoint(path, { storage, onWarning }));
}
