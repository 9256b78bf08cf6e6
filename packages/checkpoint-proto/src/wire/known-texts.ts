/** Length in bytes of the longest text that is cached. */
const LONGEST = 255;
const SLOTS = 1 << 14;
/** Size in bytes of a message from which texts are cached: a large one, such as a graph, repeats many. */
const LARGE = 64 << 10;

/** Makes a cache for the texts of a message; undefined for a small one. */
export function knownTexts(bytes: Uint8Array): KnownTexts | undefined {
  return bytes.length > LARGE ? new KnownTexts(bytes) : undefined;
}

/**
 * Caches the texts of one message. A graph repeats the names of attributes and types, and those of nodes as inputs. A cached
 * text need not be decoded again, and lookups of it in maps are faster.
 */
export class KnownTexts {
  /** The last text of each hash. */
  readonly #texts = new Array<string | undefined>(SLOTS).fill(undefined);
  readonly #starts = new Int32Array(SLOTS);

  constructor(private readonly bytes: Uint8Array) {}

  /** Returns the text from `start` to `end`. */
  get(start: number, end: number, decoder: TextDecoder): string {
    const { bytes } = this;
    const length = end - start;
    if (length > LONGEST) return decoder.decode(bytes.subarray(start, end));
    let hash = length;
    let all = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    // Only for ASCII is the number of characters that of the bytes, which the comparison below relies on.
    if (all > 0x7f) return decoder.decode(bytes.subarray(start, end));
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#texts[slot];
    if (known !== undefined && known.length === length && this.#isAt(this.#starts[slot] as number, start, end)) {
      return known;
    }
    const text = decoder.decode(bytes.subarray(start, end));
    this.#texts[slot] = text;
    this.#starts[slot] = start;
    return text;
  }

  #isAt(other: number, start: number, end: number): boolean {
    const { bytes } = this;
    for (let i = start, j = other; i < end; i++, j++) if (bytes[i] !== bytes[j]) return false;
    return true;
  }
}
