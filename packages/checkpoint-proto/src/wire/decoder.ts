import { DataLossError } from "@tfsaver/core";
import type { KnownTexts } from "./known-texts.js";
import { NO_BYTES, WireReader } from "./wire-reader.js";

/** Decodes one type of message. */
export interface MessageDecoder<T> {
  /** Makes a message from `fields`; all other fields are empty. */
  create(fields?: Partial<T>): T;
  /**
   * Decodes a message. Unknown fields are kept. Byte strings in the message are views of `bytes`.
   *
   * @throws `DataLossError` if the bytes are not such a message.
   */
  decode(bytes: Uint8Array): T;
}

const NO_FIELDS = /* @__PURE__ */ new WireReader(NO_BYTES);

/**
 * Makes a decoder.
 *
 * @param read - reads fields into a message, up to `reader.end`; by default into an empty one
 * @param texts - makes a cache for the texts of a message
 */
export function decoder<T extends object>(
  name: string,
  read: (reader: WireReader, message?: T) => T,
  texts?: (bytes: Uint8Array) => KnownTexts | undefined,
): MessageDecoder<T> {
  return {
    create: (fields) => Object.assign(read(NO_FIELDS), fields),
    decode: (bytes) => {
      try {
        const plain = plainBytes(bytes);
        return read(new WireReader(plain, 0, texts?.(plain)));
      } catch (error) {
        throw new DataLossError(`These bytes are not a ${name}: ${(error as Error).message}`, { cause: error });
      }
    },
  };
}

/** Returns a plain view of bytes that may be a `Buffer`, so that no field of a message is one. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
