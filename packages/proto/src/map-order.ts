/** What the keys of a map may be. */
export type MapKey = string | number | bigint;

/**
 * A map's entries in the order in which Python's protobuf serializes them deterministically: by the keys' UTF-8 bytes
 * (which is the order of their code points), but a key *behind* the longer ones that it is the beginning of. Integers
 * come in descending order.
 */
export function sortedEntries<K extends MapKey, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map].sort(([a], [b]) => {
    const difference = compareKeys(a, b);
    const isBeginning = typeof a === "string" && (a.startsWith(b as string) || (b as string).startsWith(a));
    return typeof a !== "string" || isBeginning ? -difference : difference;
  });
}

/** Compares integers by their size, and texts as Python does: by their code points. */
export function compareKeys(a: MapKey, b: MapKey): number {
  if (typeof a !== "string" || typeof b !== "string") return a < b ? -1 : a > b ? 1 : 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) {
      // Surrogates stand for code points above every other UTF-16 unit.
      const start = i > 0 && isHighSurrogate(a.charCodeAt(i - 1)) ? i - 1 : i;
      return (a.codePointAt(start) as number) - (b.codePointAt(start) as number);
    }
  }
  return a.length - b.length;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
