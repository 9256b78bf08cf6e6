/**
 * Bytes that are read, written or checksummed at a time (8 MiB). Large enough that the cost of a call does not count, small
 * enough that one chunk is checksummed while the storage works on the next.
 */
export const CHUNK_BYTES = 8 << 20;
