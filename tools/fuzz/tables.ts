import { crc32c, maskCrc, VarintReader } from "@tfsaver/core/coding";
import { TABLE_MAGIC } from "@tfsaver/sstable";
import { concat, damage, oddNumber, varint } from "./bytes.js";
import type { Random } from "./random.js";

const FOOTER_SIZE = 48;
const TRAILER_SIZE = 5;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Returns the blocks of a table, the index block last; none if the bytes are not a table. */
function blocksOf(table: Uint8Array): Handle[] {
  try {
    const footer = new VarintReader(table, table.length - FOOTER_SIZE);
    const [metaindex, index] = [readHandle(footer), readHandle(footer)];
    const data = entriesOfBlock(table.subarray(index.offset, index.offset + index.size)).map(({ value }) =>
      readHandle(new VarintReader(value)),
    );
    return [...data, metaindex, index].filter(({ offset, size }) => offset + size + TRAILER_SIZE <= table.length);
  } catch {
    return [];
  }
}

function readHandle(reader: VarintReader): Handle {
  return { offset: reader.next(), size: reader.next() };
}

function entriesOfBlock(block: Uint8Array): Entry[] {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const end = block.length - 4 - 4 * view.getUint32(block.length - 4, true);
  const reader = new VarintReader(block, 0, end);
  const entries: Entry[] = [];
  let key = new Uint8Array();
  while (reader.offset < end) {
    const [shared, unshared, size] = [reader.next(), reader.next(), reader.next()];
    const start = reader.offset + unshared;
    key = concat([key.subarray(0, shared), block.subarray(reader.offset, start)]) as typeof key;
    entries.push({ key, value: block.slice(start, start + size) });
    reader.offset = start + size;
  }
  return entries;
}

/** Returns the entries of a table without compressed blocks; undefined if the bytes are not such a table. */
export function readTable(table: Uint8Array): Entry[] | undefined {
  const blocks = blocksOf(table).slice(0, -2);
  if (blocks.length === 0 || blocks.some(({ offset, size }) => table[offset + size] !== 0)) return undefined;
  try {
    return blocks.flatMap(({ offset, size }) => entriesOfBlock(table.subarray(offset, offset + size)));
  } catch {
    return undefined;
  }
}

/** Returns a table with one damaged block, whose checksum is correct. */
export function damageBlock(table: Uint8Array, random: Random): Uint8Array {
  const blocks = blocksOf(table);
  if (blocks.length === 0) return damage(table, random);
  const { offset, size } = random.pick(blocks);
  const copy = table.slice();
  const block = copy.subarray(offset, offset + size + 1);
  // The length stays the same, so that the blocks behind it keep their offsets.
  block.set(damage(block, random).subarray(0, block.length));
  if (random.chance(0.95)) block[size] = table[offset + size] as number;
  new DataView(copy.buffer).setUint32(offset + size + 1, maskCrc(crc32c(block)), true);
  return copy;
}

/** Writes entries in the given order, in a few blocks. With `lies`, some numbers in the blocks are wrong. */
export function writeTable(entries: readonly Entry[], lies?: Random): Uint8Array {
  const lie = (value: number) => varint(lies?.chance(0.04) ? oddNumber(lies, BigInt(value)) : BigInt(value));
  const perBlock = lies?.chance(0.3) ? 1 + lies.below(8) : entries.length;
  const blocks: RawBlock[] = [];
  for (let i = 0; i < entries.length; i += perBlock) {
    const some = entries.slice(i, i + perBlock);
    blocks.push({ contents: writeBlock(some, 16, lie), lastKey: (some.at(-1) as Entry).key });
  }
  return frameTable(blocks, undefined, lie);
}

/** A block as it is stored, with any content. */
export interface RawBlock {
  readonly contents: Uint8Array;
  readonly lastKey: Uint8Array;
  /** Byte that tells the compression. Default: not compressed. */
  readonly type?: number;
}

/**
 * Returns a table of the given blocks, with correct checksums.
 *
 * @param index - content of the index block. Default: the correct one
 * @param number - writes a number
 */
export function frameTable(
  blocks: readonly RawBlock[],
  index?: Uint8Array,
  number: (value: number) => Uint8Array = (value) => varint(BigInt(value)),
): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  const put = (contents: Uint8Array, type = 0): Uint8Array => {
    const trailer = new Uint8Array(TRAILER_SIZE).fill(type, 0, 1);
    const crc = crc32c(trailer.subarray(0, 1), crc32c(contents));
    new DataView(trailer.buffer).setUint32(1, maskCrc(crc), true);
    const handle = concat([number(at), number(contents.length)]);
    parts.push(contents, trailer);
    at += contents.length + TRAILER_SIZE;
    return handle;
  };
  const rows = blocks.map(({ contents, lastKey, type }) => ({ key: lastKey, value: put(contents, type) }));
  const metaindex = put(writeBlock([], 1, number));
  const handle = put(index ?? writeBlock(rows, 1, number));
  const footer = new Uint8Array(FOOTER_SIZE);
  footer.set(concat([metaindex, handle]).subarray(0, FOOTER_SIZE - TABLE_MAGIC.length));
  footer.set(TABLE_MAGIC, FOOTER_SIZE - TABLE_MAGIC.length);
  return concat([...parts, footer]);
}

function writeBlock(entries: readonly Entry[], interval: number, lie: (value: number) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const restarts: number[] = [];
  let size = 0;
  let last = new Uint8Array();
  for (const [i, { key, value }] of entries.entries()) {
    if (i % interval === 0) restarts.push(size);
    let shared = 0;
    if (i % interval > 0) while (shared < Math.min(last.length, key.length) && last[shared] === key[shared]) shared++;
    const head = concat([lie(shared), lie(key.length - shared), lie(value.length)]);
    parts.push(head, key.subarray(shared), value);
    size += head.length + key.length - shared + value.length;
    last = key as typeof last;
  }
  const list = restarts.length === 0 ? [0] : restarts;
  const tail = new DataView(new ArrayBuffer(4 * list.length + 4));
  for (const [i, restart] of list.entries()) tail.setUint32(4 * i, lowNumber(lie(restart)), true);
  tail.setUint32(4 * list.length, lowNumber(lie(list.length)), true);
  return concat([...parts, new Uint8Array(tail.buffer)]);
}

function lowNumber(bytes: Uint8Array): number {
  return Number(BigInt.asUintN(32, new VarintReader(bytes).nextBits()));
}
