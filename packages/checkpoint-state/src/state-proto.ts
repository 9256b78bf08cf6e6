import { ValueError } from "@tfsaver/core";
import { CheckpointState } from "@tfsaver/proto/checkpoint-state";
import { isAbsolutePath, joinPath, relativePath } from "@tfsaver/storage";
import { workingDirectory } from "@tfsaver/storage/default";

/** What a state says beside the newest checkpoint. */
export interface CheckpointStateFields {
  /** All checkpoints that are kept, oldest first. The newest is added if it is not the last. Default: none. */
  readonly allModelCheckpointPaths?: readonly string[] | undefined;
  /** When each of the checkpoints was saved, in seconds since 1970; none or one for each path. */
  readonly allModelCheckpointTimestamps?: readonly number[] | undefined;
  /** When the last checkpoint that is kept for good was saved, in seconds since 1970. */
  readonly lastPreservedTimestamp?: number | undefined;
}

/**
 * The state that a save into `saveDir` leaves (`tf.compat.v1.train.generate_checkpoint_state_proto`).
 *
 * If `saveDir` is relative (`""` included), relative paths are rewritten to start at it, because a reader puts them
 * behind the directory it was given; absolute paths stay, and with an absolute `saveDir` all do. Unlike TensorFlow,
 * this never writes to the list it is given.
 *
 * @throws `ValueError` if there are timestamps but not one for each path, or if a path to be rewritten is empty.
 */
export function generateCheckpointStateProto(
  saveDir: string,
  modelCheckpointPath: string,
  fields: CheckpointStateFields = {},
): CheckpointState {
  const paths = [...(fields.allModelCheckpointPaths ?? [])];
  if (paths.at(-1) !== modelCheckpointPath) paths.push(modelCheckpointPath);
  const timestamps = fields.allModelCheckpointTimestamps ?? [];
  if (timestamps.length > 0 && timestamps.length !== paths.length) {
    throw new ValueError(
      "Checkpoint timestamps, if provided, must match checkpoint paths " +
        `(got paths ${JSON.stringify(paths)} and timestamps ${JSON.stringify(timestamps)})`,
    );
  }
  const store = (path: string) => (isAbsolutePath(saveDir) || isAbsolutePath(path) ? path : relativeTo(saveDir, path));
  return CheckpointState.create({
    modelCheckpointPath: store(modelCheckpointPath),
    allModelCheckpointPaths: paths.map(store),
    allModelCheckpointTimestamps: [...timestamps],
    lastPreservedTimestamp: fields.lastPreservedTimestamp ?? 0,
  });
}

/**
 * How to get from `directory` to `path` (Python's `os.path.relpath`). Both are taken from the working directory, which
 * matters where one is absolute or a `..` leads above it.
 *
 * @throws `ValueError` if the path is empty.
 */
export function relativeTo(directory: string, path: string): string {
  if (path === "") throw new ValueError("no path specified");
  const start = workingDirectory();
  return relativePath(joinPath(start, path), joinPath(start, directory));
}
