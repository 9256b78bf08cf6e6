/** What the keys of a map may be. */
export type MapKey = string | number | bigint;

/**
 * A map's keys in the order in which Python's protobuf serializes them deterministically: by their UTF-8 bytes (which is
 * the order of their code points), but a key *behind* the longer ones that it is the beginning of. Integers come in
 * descending order.
 */
export function sortedKeys<K extends MapKey>(map: ReadonlyMap<K, unknown>): K[] {
  const keys = [...map.keys()];
  return keys.length > MANY ? keys.sort(inOrder) : sortFew(keys);
}

/** For so few, the engine's way to sort costs more than it gains; and most maps are the attributes of a node. */
const MANY = 16;

function sortFew<K extends MapKey>(keys: K[]): K[] {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as K;
    let at = i;
    for (; at > 0 && inOrder(keys[at - 1] as K, key) > 0; at--) keys[at] = keys[at - 1] as K;
    keys[at] = key;
  }
  return keys;
}

function inOrder(a: MapKey, b: MapKey): number {
  const difference = compareKeys(a, b);
  const isBeginning = typeof a === "string" && (a.startsWith(b as string) || (b as string).startsWith(a));
  return typeof a !== "string" || isBeginning ? -difference : difference;
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
