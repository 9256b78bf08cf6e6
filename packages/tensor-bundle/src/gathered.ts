/** Chunks up to this size are cheaper to copy than to hand on one by one. */
const MAX_COPIED = 4 << 10;
const BLOCK = 256 << 10;
/** Fewer bytes than this are copied faster here than by a call of the engine. */
const SHORT = 64;

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
      copy(chunk, room, filled);
      filled += chunk.length;
    }
  }
  if (filled > 0) yield room.subarray(0, filled);
}

function copy(chunk: Uint8Array, target: Uint8Array, at: number): void {
  if (chunk.length > SHORT) target.set(chunk, at);
  else for (let i = 0; i < chunk.length; i++) target[at + i] = chunk[i] as number;
}
