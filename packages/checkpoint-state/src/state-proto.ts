import { ValueError } from "@tfsaver/core";
import { CheckpointState } from "@tfsaver/proto/checkpoint-state";
import { isAbsolutePath, joinPath, relativePath } from "@tfsaver/storage";
import { workingDirectory } from "@tfsaver/storage/default";

/** Fields of a state beside the newest checkpoint. */
export interface CheckpointStateFields {
  /** Paths of all kept checkpoints, oldest first. The newest is added if it is not the last. Default: none. */
  readonly allModelCheckpointPaths?: readonly string[] | undefined;
  /** Times at which the checkpoints were saved, in seconds since 1970: one for each path. Default: none. */
  readonly allModelCheckpointTimestamps?: readonly number[] | undefined;
  /** Time of the last checkpoint that is kept forever, in seconds since 1970. Default: 0. */
  readonly lastPreservedTimestamp?: number | undefined;
}

/**
 * Returns the state of a save into `saveDir` (`tf.compat.v1.train.generate_checkpoint_state_proto`).
 *
 * If `saveDir` is relative (`""` included), relative paths are rewritten to start at it, because a reader joins them to the
 * directory that it was given. Absolute paths stay, and with an absolute `saveDir` all paths do. Unlike TensorFlow, this
 * never changes the list of paths.
 *
 * @throws `ValueError` if there are timestamps but not one for each path, or if a path to be rewritten is empty.
 *
 * @example
 * ```ts
 * import { generateCheckpointStateProto } from "@tfsaver/checkpoint-state";
 *
 * console.log(generateCheckpointStateProto("/run", "/run/model-7").allModelCheckpointPaths); // [ '/run/model-7' ]
 * ```
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
 * Returns `path` relative to `directory` (Python's `os.path.relpath`). Both start at the working directory, which matters if
 * one is absolute or a `..` leads above it.
 *
 * @throws `ValueError` if the path is empty.
 */
export function relativeTo(directory: string, path: string): string {
  if (path === "") throw new ValueError("no path specified");
  const start = workingDirectory();
  return relativePath(joinPath(start, path), joinPath(start, directory));
}
