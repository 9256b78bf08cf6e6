import { isCausedByFiles } from "@tfsaver/checkpoint-reader";
import { type CheckpointError, isCheckpointError } from "@tfsaver/core";
import { type ExplainOptions, explainCheckpoint } from "./explain-checkpoint.js";

/**
 * Runs the restore of a checkpoint. If its files are the cause of an error, appends the sentences of {@link explainCheckpoint} to it.
 *
 * @param path - the checkpoint that is restored
 * @throws the error of `restore`: one of the same kind, with the first one as its cause, if there is something to explain.
 */
export async function explainingFiles<T>(path: string, options: ExplainOptions, restore: () => Promise<T>): Promise<T> {
  try {
    return await restore();
  } catch (error) {
    if (!isCheckpointError(error) || !(await isCausedByFiles(error, path, options))) throw error;
    throw await withExplanation(error, path, options);
  }
}

async function withExplanation(
  error: CheckpointError,
  path: string,
  options: ExplainOptions,
): Promise<CheckpointError> {
  const isDamaged = isCheckpointError(error, "DataLossError", "OutOfRangeError");
  const explanation = await explainCheckpoint(path, { ...options, isDamaged });
  const sentences = explanation.sentences.filter((sentence) => !error.message.includes(sentence));
  if (sentences.length === 0) return error;
  const { offset, tensor, op } = error;
  const SameKind = error.constructor as new (...args: ConstructorParameters<typeof CheckpointError>) => CheckpointError;
  const message = [`${error.message}\n`, ...sentences].join("\n");
  return new SameKind(message, {
    ...{ path: error.path ?? path, offset, tensor, op },
    ...{ more: explanation.more, cause: error },
  });
}
