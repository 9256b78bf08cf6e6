import { crc32c, maskCrc, VarintReader } from "@tfsaver/core/coding";
import { concat, damage, oddNumber, varint } from "./bytes.js";
import { encodeMessage, type Field, mutateMessage, parseMessage } from "./messages.js";
import type { Random } from "./random.js";
import { moveSlice } from "./slices.js";
import type { Files, Subject } from "./subjects.js";
import { damageBlock, type Entry, readTable, writeTable } from "./tables.js";

/**
 * Returns the files of a checkpoint with damage in them. Most changes correct the checksums, so that the code behind the
 * checksums is reached too.
 */
export function mutate(subject: Subject, random: Random): Files {
  let files: Files = subject.files;
  do files = mutateOnce(files, subject, random);
  while (random.chance(0.15));
  return files;
}

function mutateOnce(files: Files, { format }: Subject, random: Random): Files {
  const tables = [...files.keys()].filter((path) => format === "V1" || path.endsWith(".index"));
  if (tables.length === 0 || random.chance(0.02)) return shuffled(files, random);
  const change = (path: string, by: (bytes: Uint8Array) => Uint8Array) =>
    new Map(files).set(path, by(files.get(path) as Uint8Array));
  const table = random.pick(tables);
  const choice = random.below(10);
  if (choice === 0) return change(random.pick([...files.keys()]), (bytes) => damage(bytes, random));
  if (choice <= 2) return change(table, (bytes) => damageBlock(bytes, random));
  // In V1 the values are in the tables.
  if (choice <= 4 && format === "V2") return resealed(files, table, random);
  return change(table, (bytes) => mutateEntries(bytes, format, random));
}

/** Removes, swaps or duplicates files. */
function shuffled(files: Files, random: Random): Files {
  const paths = [...files.keys()];
  const copy = new Map(files);
  if (paths.length === 0) return copy;
  const [a, b] = [random.pick(paths), random.pick(paths)];
  if (random.chance(0.5)) copy.set(a, files.get(b) as Uint8Array);
  if (random.chance(0.5)) copy.set(b, files.get(a) as Uint8Array);
  if (random.chance(0.3)) copy.delete(a);
  return copy;
}

/** Changes, removes, duplicates or reorders entries of a table, and sometimes falsifies numbers of the table itself. */
function mutateEntries(table: Uint8Array, format: Subject["format"], random: Random): Uint8Array {
  const entries = readTable(table);
  if (entries === undefined || entries.length === 0) return damageBlock(table, random);
  const moved = random.chance(0.2) ? moveSlice(entries, format, random) : undefined;
  if (moved !== undefined) return writeTable(moved);
  for (let i = random.below(3); i >= 0; i--) {
    // In V1, the first entry has everything except the values.
    const at = random.chance(format === "V1" ? 0.4 : 0.1) ? 0 : random.below(entries.length);
    const { key, value } = entries[at] as Entry;
    switch (random.below(12)) {
      case 0:
        entries[at] = { key: damage(key, random), value };
        break;
      case 1:
        entries.splice(at, random.below(2), entries[random.below(entries.length)] as Entry);
        break;
      case 2:
        entries[at] = { key, value: (entries[random.below(entries.length)] as Entry).value };
        break;
      default:
        entries[at] = { key, value: mutateMessage(value, random) };
    }
  }
  return writeTable(entries, random.chance(0.3) ? random : undefined);
}

const STRING = 7n;

/** Gives a string tensor of V2 wrong lengths and correct checksums. */
function resealed(files: Files, index: string, random: Random): Files {
  const entries = readTable(files.get(index) as Uint8Array);
  const data = [...files.keys()].find((path) => path.includes(".data-00000"));
  const found = entries?.flatMap(({ value }, at) => {
    const fields = parseMessage(value) ?? [];
    return numberOf(fields, 1) === STRING && numberOf(fields, 3) === 0n ? [{ at, fields }] : [];
  });
  if (entries === undefined || data === undefined || found === undefined || found.length === 0) {
    return new Map(files).set(index, mutateEntries(files.get(index) as Uint8Array, "V2", random));
  }
  const { at, fields } = random.pick(found);
  const bytes = files.get(data) as Uint8Array;
  const start = Number(numberOf(fields, 4));
  const { payload, crc } = sealedStrings(bytes.subarray(start, start + Number(numberOf(fields, 5))), random);
  const kept = fields.filter(({ number }) => number < 4);
  const check = new DataView(new ArrayBuffer(4));
  check.setUint32(0, crc, true);
  const place: Field[] = [
    { number: 4, wire: 0, value: BigInt(bytes.length) },
    { number: 5, wire: 0, value: BigInt(payload.length) },
    { number: 6, wire: 5, value: new Uint8Array(check.buffer) },
  ];
  entries[at] = { ...(entries[at] as Entry), value: encodeMessage([...kept, ...place]) };
  return new Map(files).set(data, concat([bytes, payload])).set(index, writeTable(entries));
}

function numberOf(fields: readonly Field[], number: number): bigint {
  const value = fields.find((field) => field.number === number)?.value;
  return typeof value === "bigint" ? value : 0n;
}

function sealedStrings(old: Uint8Array, random: Random) {
  const reader = new VarintReader(old);
  const lengths: bigint[] = [];
  try {
    for (let i = 1 + random.below(4); i > 0; i--) lengths.push(reader.nextBits());
  } catch {
    lengths.push(0n);
  }
  const at = random.below(lengths.length);
  lengths[at] = oddNumber(random, lengths[at]);
  let crc = 0;
  for (const length of lengths) {
    const bits = BigInt.asUintN(64, length);
    const fixed = new Uint8Array(new BigUint64Array([bits]).buffer);
    crc = crc32c(bits < 1n << 32n ? fixed.subarray(0, 4) : fixed, crc);
  }
  const check = new Uint8Array(new Uint32Array([maskCrc(crc)]).buffer);
  const text = random.bytes(random.below(12));
  return {
    payload: concat([...lengths.map(varint), check, text]),
    crc: maskCrc(crc32c(text, crc32c(check, crc))),
  };
}
