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
 * directory that it was given. So are the paths of a `saveDir` with the same scheme, such as `gs://bucket/run`. Absolute paths
 * stay, and with an absolute `saveDir` all paths do. Unlike TensorFlow, this never changes the list of paths.
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
  const scheme = schemeOf(saveDir);
  const store = (path: string) => {
    // Python joins the paths of a `scheme://` directory to it, for they do not begin with `/`.
    const isBelowScheme = scheme !== undefined && schemeOf(path) === scheme;
    const stays = !isBelowScheme && (isAbsolutePath(saveDir) || isAbsolutePath(path));
    return stays ? path : relativeTo(saveDir, path);
  };
  return CheckpointState.create({
    modelCheckpointPath: store(modelCheckpointPath),
    allModelCheckpointPaths: paths.map(store),
    allModelCheckpointTimestamps: [...timestamps],
    lastPreservedTimestamp: fields.lastPreservedTimestamp ?? 0,
  });
}

/** Returns `gs` for `gs://bucket/run`; `undefined` for a path without a scheme. */
function schemeOf(path: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1];
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
