/**
 * Bytes that are read, written or checksummed at a time (8 MiB). Large enough that the cost of a call does not count, small
 * enough that one chunk is checksummed while the storage works on the next.
 */
export const CHUNK_BYTES = 8 << 20;

/**
 * Bytes of a piece of a tensor that is read in pieces (4 MiB). Smaller than a chunk, because the pieces that were used stay in
 * memory until the engine collects them.
 */
export const PIECE_BYTES = 4 << 20;
