import type { MessageDecoder } from "./decoder.js";
import { WireWriter } from "./wire-writer.js";

/** Turns one kind of message into bytes and back. */
export interface MessageCodec<T> extends MessageDecoder<T> {
  /**
   * The message's bytes: fields in order of their numbers, empty ones left out, maps sorted by key, so that equal
   * messages give equal bytes. Fields that were not known when it was decoded are written again.
   *
   * @throws `ValueError` for what can't be written: an integer beyond 64 bits, half of a surrogate pair.
   */
  encode(message: T): Uint8Array;
}

/** A codec of a decoder and what writes a message's fields. */
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
