import { checkpointIdentity } from "@tfsaver/checkpoint-files";
import { parseCheckpointFilename, recordsFilename } from "@tfsaver/checkpoint-names";
import { canonicalPath, type Storage } from "@tfsaver/storage";

/**
 * Returns a test for the files that retention must not remove after a save: those of the checkpoint that was just written,
 * and the state file with its records. A list of checkpoints may name them in any spelling.
 */
export function protectedFiles(saved: string, stateFile: string, storage: Storage): (file: string) => Promise<boolean> {
  let known: Promise<{ readonly saved: string; readonly files: ReadonlySet<string> }> | undefined;
  const identify = async () => ({
    saved: await checkpointIdentity(saved, storage),
    files: new Set(
      await Promise.all([stateFile, recordsFilename(stateFile)].map((file) => canonicalPath(storage, file))),
    ),
  });
  return async (file) => {
    known ??= identify();
    const { saved, files } = await known;
    const path = await canonicalPath(storage, file);
    return files.has(path) || path === saved || parseCheckpointFilename(path).prefix === saved;
  };
}
