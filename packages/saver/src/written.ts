import { checkpointExists } from "@tfsaver/checkpoint-state";
import { RuntimeError } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/**
 * A session may run elsewhere, and write where nobody here can look. Then the state file would name a checkpoint that is
 * not there, and retention would remove nothing.
 *
 * @throws `RuntimeError` if the checkpoint is not in the storage.
 */
export async function requireWritten(path: string, storage: Storage): Promise<void> {
  if (await checkpointExists(path, { storage })) return;
  throw new RuntimeError(
    `The session has saved ${path}, but the saver can't see it. Where servers write checkpoints, their folder must be ` +
      "visible here too, under the same path; otherwise, session and saver may have been given different storages. The " +
      "state file was not written. Set `checkWritten: false` to go on without looking.",
    { path },
  );
}
