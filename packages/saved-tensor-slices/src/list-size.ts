import { DataLossError } from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";

/** A type of message: the types of its fields that are messages themselves, by their numbers. */
interface MessageType {
  readonly [field: number]: MessageType;
}

/** `SavedTensorSlices` down to dimensions and extents. */
const SLICE: MessageType = { 1: {} };
const SHAPE: MessageType = { 2: {} };
const SAVED_TENSOR_SLICES: MessageType = { 1: { 1: { 2: SHAPE, 4: SLICE } } };

/** Wire type of messages. */
const LENGTH = 2;

/** Number of messages that a list may hold whatever the size of its file. */
const FREE_MESSAGES = 1000;

/**
 * Checks the number of messages in the list of a file's tensors. A message takes two bytes at least, so only a compressed list
 * can hold more of them than the file has bytes; decoding a hostile one would fill any memory.
 *
 * @throws `DataLossError` if there are more.
 */
export function requireFewMessages(list: Uint8Array, fileSize: number): void {
  const limit = fileSize + FREE_MESSAGES;
  let count = 0;
  const walk = (type: MessageType, start: number, stop: number): void => {
    if (++count > limit) throw new DataLossError(`the list of tensors is too long for a file of ${fileSize} bytes`);
    const reader = new VarintReader(list, start, stop);
    while (reader.offset < stop) {
      const tag = reader.next();
      const before = reader.offset;
      reader.skipField(tag % 8);
      const inner = tag % 8 === LENGTH ? type[Math.floor(tag / 8)] : undefined;
      if (inner === undefined) continue;
      const end = reader.offset;
      reader.offset = before;
      walk(inner, end - reader.next(), end);
      reader.offset = end;
    }
  };
  walk(SAVED_TENSOR_SLICES, 0, list.length);
}
