/** Reads checkpoints over HTTP, in a page and in Node.js alike. */
import { listVariables, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { HttpStorage } from "@tfsaver/storage/http";

/** A checkpoint behind a URL, and its expected content. */
export interface Remote {
  readonly base: string;
  readonly prefix: string;
  readonly tensors: number;
}

export async function listRemote({ base, prefix, tensors }: Remote): Promise<void> {
  requireAll((await listVariables(prefix, { storage: new HttpStorage(base) })).length, tensors);
}

export async function readRemote({ base, prefix, tensors }: Remote): Promise<void> {
  const reader = await openCheckpoint(prefix, { storage: new HttpStorage(base) });
  let count = 0;
  for await (const _ of reader.getEach()) count++;
  await reader.close();
  requireAll(count, tensors);
}

function requireAll(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`found ${found} of ${wanted} tensors`);
}
