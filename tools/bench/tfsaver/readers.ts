/** Reads checkpoints without a graph. */
import { listVariables, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { NodeStorage } from "@tfsaver/storage/node";
import type { Measured } from "../side.js";
import { measure } from "./measure.js";

async function list({ prefix }: { prefix: string }): Promise<Measured & { found: number }> {
  let found = 0;
  const measured = await measure(async () => {
    found = (await listVariables(prefix)).length;
  });
  return { ...measured, found };
}

async function readOne({ prefix, name }: { prefix: string; name: string }, storage = new NodeStorage()): Promise<void> {
  const reader = await openCheckpoint(prefix, { storage });
  await reader.get(name);
  await reader.close();
}

export const readers = {
  list,
  pick: (params: { prefix: string; name: string }): Promise<Measured> => measure(() => readOne(params)),
};
