import { PIECE_BYTES } from "@tfsaver/core/coding";
import { unfilledMemory } from "@tfsaver/storage/host";

/** Size in bytes below which new memory costs nothing. */
const LEAST = 64 << 10;

/**
 * Lends memory for pieces of tensors, and uses it again. A copy in pieces takes new memory for each otherwise, and the system
 * and the engine need longer to prepare and free it than a copy takes.
 *
 * @example
 * ```ts
 * import { openCheckpoint, PieceMemory } from "@tfsaver/checkpoint-reader";
 * import { type NumericData, tensorBytes } from "@tfsaver/core";
 *
 * const reader = await openCheckpoint("run/model.ckpt-7");
 * const memory = new PieceMemory();
 * for await (const piece of reader.stream("weights", { allocate: memory.allocate })) {
 *   console.log((piece.data as NumericData)[0]);
 *   memory.release(tensorBytes(piece));
 * }
 * await reader.close();
 * ```
 */
export class PieceMemory {
  readonly #free: ArrayBuffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Returns memory of at least `bytes` bytes, with any content. For `StreamOptions.allocate`. */
  readonly allocate = (bytes: number): ArrayBuffer => {
    if (bytes < LEAST || bytes > PIECE_BYTES) return unfilledMemory(bytes);
    const last = this.#free.at(-1);
    // Pieces have the same size, but for the last ones of tensors.
    const memory =
      last !== undefined && last.byteLength >= bytes ? (this.#free.pop() as ArrayBuffer) : unfilledMemory(bytes);
    this.#lent.add(memory);
    return memory;
  };

  /** Takes back the memory of a piece, all of it, which nothing may use any more. Ignores memory that it has not lent. */
  release({ buffer }: ArrayBufferView): void {
    if (!this.#lent.delete(buffer)) return;
    const last = this.#free.at(-1);
    if (last !== undefined && last.byteLength < buffer.byteLength) this.#free.length = 0;
    if (last === undefined || buffer.byteLength >= last.byteLength) this.#free.push(buffer as ArrayBuffer);
  }
}
