/**
 * The message of the `checkpoint` file, binary and as text.
 *
 * @packageDocumentation
 */
import { CheckpointState } from "./generated/checkpoint-state.js";
import { parseText, printText, type TextFields } from "./text-format.js";

export type { MessageCodec } from "./codec.js";
export { CheckpointState } from "./generated/checkpoint-state.js";

const FIELDS: TextFields<CheckpointState> = {
  modelCheckpointPath: { name: "model_checkpoint_path", type: "string", repeated: false },
  allModelCheckpointPaths: { name: "all_model_checkpoint_paths", type: "string", repeated: true },
  allModelCheckpointTimestamps: { name: "all_model_checkpoint_timestamps", type: "double", repeated: true },
  lastPreservedTimestamp: { name: "last_preserved_timestamp", type: "double", repeated: false },
};

/** A state in protobuf's text format, letter for letter as Python's `text_format.MessageToString` gives it. */
export function checkpointStateToText(state: CheckpointState): string {
  return printText(state, FIELDS);
}

/**
 * The state that a text holds (Python's `text_format.Merge`).
 *
 * @throws `DataLossError` with line and column if the text is not one.
 */
export function checkpointStateFromText(text: string): CheckpointState {
  const state = CheckpointState.create();
  parseText(text, FIELDS, state);
  return state;
}
