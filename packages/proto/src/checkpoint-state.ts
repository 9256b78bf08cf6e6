/**
 * Encodes and decodes `CheckpointState`, the message of the `checkpoint` file, as bytes and as text.
 *
 * @packageDocumentation
 */
import { CheckpointState } from "./generated/checkpoint-state.js";
import { schema } from "./generated/checkpoint-state.schema.js";
import { parseText, printText } from "./text/text-format.js";

export type { MessageCodec } from "@tfsaver/checkpoint-proto/wire";
export { CheckpointState } from "./generated/checkpoint-state.js";

const NAME = "tensorflow.CheckpointState";

/** Formats a state in protobuf's text format, exactly as Python's `text_format.MessageToString` does. */
export function checkpointStateToText(state: CheckpointState): string {
  return printText(schema, NAME, CheckpointState.encode(state));
}

/**
 * Parses a state from protobuf's text format, as Python's `text_format.Merge` does.
 *
 * @throws `DataLossError` with line and column if the text is malformed.
 */
export function checkpointStateFromText(text: string): CheckpointState {
  return CheckpointState.decode(parseText(schema, NAME, text));
}
