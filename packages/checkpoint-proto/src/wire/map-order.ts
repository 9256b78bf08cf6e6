/** The key of a map field. */
export type MapKey = string | number | bigint;

/**
 * Returns the keys of a map in the order of Python's deterministic serialization: by their UTF-8 bytes, which is the order of
 * their code points, except that a key comes *after* the longer keys that start with it. Integers are in descending order.
 */
export function sortedKeys<K extends MapKey>(map: ReadonlyMap<K, unknown>): K[] {
  const keys = [...map.keys()];
  return keys.length > MANY ? keys.sort(inOrder) : sortFew(keys);
}

/** Number of keys up to which insertion sort is faster. Most maps are the few attributes of a node. */
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

/** Compares integers by value, and texts by code points, as Python does. */
export function compareKeys(a: MapKey, b: MapKey): number {
  if (typeof a !== "string" || typeof b !== "string") return a < b ? -1 : a > b ? 1 : 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) {
      // A surrogate pair is a code point above all others, so compare the pair, not its half.
      const start = i > 0 && isHighSurrogate(a.charCodeAt(i - 1)) ? i - 1 : i;
      return (a.codePointAt(start) as number) - (b.codePointAt(start) as number);
    }
  }
  return a.length - b.length;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
