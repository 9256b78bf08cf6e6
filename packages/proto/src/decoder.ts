import { DataLossError } from "@tfsaver/core";
import { WireReader } from "./wire-reader.js";

/** Turns bytes into one kind of message. */
export interface MessageDecoder<T> {
  /** A message with every field empty, apart from those in `fields`. */
  create(fields?: Partial<T>): T;
  /**
   * The message that `bytes` hold. Fields that are not known are kept. Byte strings in it are views of `bytes`.
   *
   * @throws `DataLossError` if the bytes are not such a message.
   */
  decode(bytes: Uint8Array): T;
}

/**
 * A decoder.
 *
 * @param empty - makes a message without content
 * @param read - reads fields into a message, up to the end of what the reader is in
 */
export function decoder<T extends object>(
  name: string,
  empty: () => T,
  read: (reader: WireReader, message: T) => T,
): MessageDecoder<T> {
  return {
    create: (fields) => Object.assign(empty(), fields),
    decode: (bytes) => {
      try {
        return read(new WireReader(plainBytes(bytes)), empty());
      } catch (error) {
        throw new DataLossError(`These bytes are not a ${name}: ${(error as Error).message}`, { cause: error });
      }
    },
  };
}

/** The bytes that a message shows are never a `Buffer`, whatever it was read from. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
