const POLYNOMIAL = 0x82f63b78;
const SLICES = 16;

/** Table k advances a byte past k more zero bytes, so that sixteen bytes are folded in per step. */
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

const NO_WORDS = new Uint32Array();

/** As `crc32c`, with nothing but tables: best for short messages, and works everywhere. */
export function crc32cByTables(bytes: Uint8Array, crc = 0): number {
  let c = ~crc;
  let i = 0;
  const end = bytes.length;
  const unaligned = Math.min(end, (4 - (bytes.byteOffset & 3)) & 3);
  for (; i < unaligned; i++) c = (T0[(c ^ (bytes[i] as number)) & 0xff] as number) ^ (c >>> 8);
  const wordEnd = end - i < SLICES ? 0 : ((end - i) >>> 2) & ~3;
  const words = wordEnd === 0 ? NO_WORDS : new Uint32Array(bytes.buffer, bytes.byteOffset + i, wordEnd);
  for (let w = 0; w < wordEnd; w += 4) {
    const a = c ^ (words[w] as number);
    const b = words[w + 1] as number;
    const d = words[w + 2] as number;
    const e = words[w + 3] as number;
    c =
      (T15[a & 0xff] as number) ^
      (T14[(a >>> 8) & 0xff] as number) ^
      (T13[(a >>> 16) & 0xff] as number) ^
      (T12[a >>> 24] as number) ^
      (T11[b & 0xff] as number) ^
      (T10[(b >>> 8) & 0xff] as number) ^
      (T9[(b >>> 16) & 0xff] as number) ^
      (T8[b >>> 24] as number) ^
      (T7[d & 0xff] as number) ^
      (T6[(d >>> 8) & 0xff] as number) ^
      (T5[(d >>> 16) & 0xff] as number) ^
      (T4[d >>> 24] as number) ^
      (T3[e & 0xff] as number) ^
      (T2[(e >>> 8) & 0xff] as number) ^
      (T1[(e >>> 16) & 0xff] as number) ^
      (T0[e >>> 24] as number);
  }
  i += wordEnd * 4;
  for (; i < end; i++) c = (T0[(c ^ (bytes[i] as number)) & 0xff] as number) ^ (c >>> 8);
  return ~c >>> 0;
}
