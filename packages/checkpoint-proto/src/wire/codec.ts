import type { MessageDecoder } from "./decoder.js";
import { WireWriter } from "./wire-writer.js";

/** Encodes and decodes one type of message. */
export interface MessageCodec<T> extends MessageDecoder<T> {
  /**
   * Encodes a message. Equal messages give equal bytes: fields are in the order of their numbers, empty ones are omitted, and
   * maps are sorted by key. Unknown fields that were read are written again.
   *
   * @throws `ValueError` for an integer that does not fit into 64 bits, or text with half of a surrogate pair.
   */
  encode(message: T): Uint8Array;
}

/** Makes a codec from a decoder and a function that writes the fields of a message. */
export function codec<T>(decoder: MessageDecoder<T>, write: (message: T, writer: WireWriter) => void): MessageCodec<T> {
  return {
    ...decoder,
    encode: (message) => {
      const writer = new WireWriter();
      write(message, writer);
      return writer.finish();
    },
  };
}
