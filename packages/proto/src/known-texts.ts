/** Texts up to this many bytes are looked for among those that are known. */
const LONGEST = 255;
const SLOTS = 1 << 14;

/**
 * The texts that stood in some bytes already: a graph says names of attributes and types again and again, and those of
 * nodes wherever they are inputs. A text that is known need not be decoded, and is found in maps at once.
 */
export class KnownTexts {
  /** One of a hash, the last that came. */
  readonly #texts = new Array<string | undefined>(SLOTS).fill(undefined);
  readonly #starts = new Int32Array(SLOTS);

  constructor(private readonly bytes: Uint8Array) {}

  /** The text from `start` to `end`. */
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
    // Of others, length and bytes say different things.
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
