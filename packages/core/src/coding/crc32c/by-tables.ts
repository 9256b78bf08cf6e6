const POLYNOMIAL = 0x82f63b78;
const SLICES = 16;

/** Table k gives the effect of a byte that k more bytes follow, so that a step takes in sixteen bytes. */
const TABLES: readonly Uint32Array[] = (() => {
  const tables = Array.from({ length: SLICES }, () => new Uint32Array(256));
  const first = tables[0] as Uint32Array;
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[i] = crc;
  }
  for (let k = 1; k < SLICES; k++) {
    const before = tables[k - 1] as Uint32Array;
    const table = tables[k] as Uint32Array;
    for (let i = 0; i < 256; i++) {
      const crc = before[i] as number;
      table[i] = (crc >>> 8) ^ (first[crc & 0xff] as number);
    }
  }
  return tables;
})();

const [T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15] = TABLES as unknown as readonly [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

/**
 * Computes a CRC-32C with tables alone: the fastest way for short messages, and one that works everywhere. It reads single
 * bytes, because a view of them as words costs more than it saves.
 */
export function crc32cByTables(bytes: Uint8Array, crc: number): number {
  const end = bytes.length;
  let c = ~crc;
  let i = 0;
  for (; i + SLICES <= end; i += SLICES) {
    c =
      (T15[(c ^ (bytes[i] as number)) & 0xff] as number) ^
      (T14[((c >>> 8) ^ (bytes[i + 1] as number)) & 0xff] as number) ^
      (T13[((c >>> 16) ^ (bytes[i + 2] as number)) & 0xff] as number) ^
      (T12[(c >>> 24) ^ (bytes[i + 3] as number)] as number) ^
      (T11[bytes[i + 4] as number] as number) ^
      (T10[bytes[i + 5] as number] as number) ^
      (T9[bytes[i + 6] as number] as number) ^
      (T8[bytes[i + 7] as number] as number) ^
      (T7[bytes[i + 8] as number] as number) ^
      (T6[bytes[i + 9] as number] as number) ^
      (T5[bytes[i + 10] as number] as number) ^
      (T4[bytes[i + 11] as number] as number) ^
      (T3[bytes[i + 12] as number] as number) ^
      (T2[bytes[i + 13] as number] as number) ^
      (T1[bytes[i + 14] as number] as number) ^
      (T0[bytes[i + 15] as number] as number);
  }
  for (; i < end; i++) c = (T0[(c ^ (bytes[i] as number)) & 0xff] as number) ^ (c >>> 8);
  return ~c >>> 0;
}
