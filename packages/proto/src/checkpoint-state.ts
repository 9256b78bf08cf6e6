/**
 * The message of the `checkpoint` file, binary and as text.
 *
 * @packageDocumentation
 */
import { CheckpointState } from "./generated/checkpoint-state.js";
import { schema } from "./generated/checkpoint-state.schema.js";
import { parseText, printText } from "./text-format.js";

export type { MessageCodec } from "./codec.js";
export { CheckpointState } from "./generated/checkpoint-state.js";

const NAME = "tensorflow.CheckpointState";

/** A state in protobuf's text format, letter for letter as Python's `text_format.MessageToString` gives it. */
export function checkpointStateToText(state: CheckpointState): string {
  return printText(schema, NAME, CheckpointState.encode(state));
}

/**
 * The state that a text holds (Python's `text_format.Merge`).
 *
 * @throws `DataLossError` with line and column if the text is not one.
 */
export function checkpointStateFromText(text: string): CheckpointState {
  return CheckpointState.decode(parseText(schema, NAME, text));
}
