import { copyBytes } from "@tfsaver/core/coding";

/** Chunks up to this size are cheaper to copy than to hand on one by one. */
const MAX_COPIED = 4 << 10;
const BLOCK = 256 << 10;

/** The same bytes in fewer chunks: short ones are copied together, long ones are passed on as they are. */
export function* gathered(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  // Where copies go: what is handed on must stay as it is, so the room behind it is used next.
  let room = new Uint8Array();
  let filled = 0;
  for (const chunk of chunks) {
    const isLong = chunk.length > MAX_COPIED;
    if (filled > 0 && (isLong || filled + chunk.length > room.length)) {
      yield room.subarray(0, filled);
      room = room.subarray(filled);
      filled = 0;
    }
    if (isLong) yield chunk;
    else {
      if (chunk.length > room.length) room = new Uint8Array(BLOCK);
      filled = copyBytes(chunk, room, filled);
    }
  }
  if (filled > 0) yield room.subarray(0, filled);
}
