import { DataLossError } from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";

/**
 * What an object graph may take together: about 200 MiB, once it is decoded and matched. The largest real ones have some ten
 * thousand objects.
 */
const LIMIT = 2 << 20;

/** What an object itself takes. */
const OBJECT = 3;

/** What one of the parts of an object takes, by field: a child, an attribute, a slot variable. */
const PARTS: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 5 };

/**
 * Makes sure that an encoded object graph does not take memory out of proportion when it is decoded: an object of two bytes takes
 * about 200.
 *
 * @throws `DataLossError` if it would, or a field is truncated.
 */
export function requireModest(graph: Uint8Array): void {
  let size = 0;
  for (const [objectStart, objectEnd] of messagesOf(graph, 0, graph.length)) {
    size += OBJECT;
    for (const [, , number] of messagesOf(graph, objectStart, objectEnd)) size += PARTS[number] ?? 1;
    if (size <= LIMIT) continue;
    throw new DataLossError("it has millions of objects and references, which no program has");
  }
}

/** Yields the start, end and number of the fields of a message that have a length. */
function* messagesOf(bytes: Uint8Array, start: number, end: number): Generator<[number, number, number]> {
  const reader = new VarintReader(bytes, start, end);
  while (reader.offset < end) {
    const tag = reader.next();
    if (tag % 8 !== 2) {
      reader.skipField(tag % 8);
      continue;
    }
    const size = reader.next();
    const at = reader.offset;
    if (at + size > end) throw new DataLossError("a field is truncated");
    reader.offset = at + size;
    yield [at, at + size, Math.floor(tag / 8)];
  }
}
