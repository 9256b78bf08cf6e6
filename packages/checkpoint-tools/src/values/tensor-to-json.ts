import { numElements, type Shape, type Tensor } from "@tfsaver/core";
import { type Element, elementReader } from "./element-reader.js";
import { escapeUnsafe } from "./escape-unsafe.js";
import { utf8Text } from "./quote-bytes.js";

/** Number of characters after which a piece of text is yielded. */
const PIECE = 1 << 16;
/** Maximum number of arrays that are printed of a tensor without elements. */
const MAX_EMPTY_ARRAYS = 1 << 16;

/**
 * Formats a tensor's value as JSON, in pieces, so that the text need not be in memory whole. Arrays are nested, one
 * level per dimension, and a scalar is a bare value, like NumPy's `tolist()`. A tensor without elements that would be more
 * than 65,536 empty arrays, such as of the shape `[1099511627776,0]`, is `[]`. Characters that a terminal acts on are escaped.
 * Values that JSON cannot express:
 *
 * | element | JSON |
 * | --- | --- |
 * | a 64-bit integer beyond ±(2^53 - 1) | its digits as text: `"9223372036854775807"` |
 * | NaN, infinities | `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | a complex number | `[real, imaginary]` |
 * | a string that is valid UTF-8 | text |
 * | another string | `{"base64": "…"}` |
 *
 * @example
 * ```ts
 * import { tensorToJson } from "@tfsaver/checkpoint-tools";
 * import { toTensor } from "@tfsaver/core";
 *
 * console.log([...tensorToJson(toTensor([[1, 2], [3, 4]]))].join("")); // [[1,2],[3,4]]
 * ```
 */
export function* tensorToJson(tensor: Tensor): Generator<string, void, undefined> {
  const text = new JsonText(tensor.shape);
  yield* text.add(tensor);
  yield text.end();
}

/**
 * Formats a tensor that comes in pieces, such as those of `CheckpointReader.stream`, as {@link tensorToJson} does.
 *
 * @param tensor - the shape of the whole
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { piecesToJson } from "@tfsaver/checkpoint-tools";
 *
 * const reader = await openCheckpoint("run/model.ckpt-7");
 * const info = await reader.info("dense/kernel");
 * if (info !== undefined) for await (const text of piecesToJson(info, reader.stream(info.name))) console.log(text);
 * await reader.close();
 * ```
 */
export async function* piecesToJson(
  { shape }: { readonly shape: Shape },
  pieces: AsyncIterable<Tensor>,
): AsyncGenerator<string, void, undefined> {
  const text = new JsonText(shape);
  for await (const piece of pieces) yield* text.add(piece);
  yield text.end();
}

/** The text of a tensor whose elements come in parts. */
class JsonText {
  /** Number of elements in an array of each level, from the whole tensor to a row. */
  readonly #sizes: readonly number[];
  #index = 0;
  #piece = "";

  constructor(private readonly shape: Shape) {
    this.#sizes = shape.map((_, axis) => numElements(shape.slice(axis)));
  }

  /** Adds the next elements, and yields the text that is ready. */
  *add(part: Tensor): Generator<string, void, undefined> {
    const read = elementReader(part);
    const count = numElements(part.shape);
    for (let i = 0; i < count; i++) {
      this.#element(elementJson(read(i)));
      if (this.#piece.length < PIECE) continue;
      yield this.#piece;
      this.#piece = "";
    }
  }

  /** Returns the rest of the text. */
  end(): string {
    if (numElements(this.shape) === 0) return emptyJson(this.shape);
    return this.#piece + "]".repeat(this.shape.length);
  }

  #element(text: string): void {
    const sizes = this.#sizes;
    let starting = 0;
    while (starting < sizes.length && this.#index % (sizes.at(-1 - starting) as number) === 0) starting++;
    if (this.#index++ > 0) this.#piece += `${"]".repeat(starting)},`;
    this.#piece += "[".repeat(starting) + text;
  }
}

/** Returns the arrays of a tensor without elements: `[[],[]]` for the shape `[2,0]`. */
function emptyJson(shape: Shape): string {
  const filled = shape.slice(0, shape.indexOf(0));
  let count = 1;
  let arrays = 0;
  for (const size of filled) {
    count *= size;
    arrays += count;
  }
  if (arrays > MAX_EMPTY_ARRAYS) return "[]";
  return filled.reduceRight((inner, size) => `[${Array.from({ length: size }, () => inner).join(",")}]`, "[]");
}

function elementJson(element: Element): string {
  switch (typeof element) {
    case "number":
      return numberJson(element);
    case "bigint":
      return Number.isSafeInteger(Number(element)) ? String(element) : `"${element}"`;
    case "boolean":
      return String(element);
    default:
      return element instanceof Uint8Array ? stringJson(element) : `[${element.map(numberJson).join(",")}]`;
  }
}

function numberJson(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function stringJson(bytes: Uint8Array): string {
  const text = utf8Text(bytes);
  return escapeUnsafe(JSON.stringify(text ?? { base64: base64(bytes) }));
}

function base64(bytes: Uint8Array): string {
  const step = 0x8000 - (0x8000 % 3);
  let out = "";
  for (let at = 0; at < bytes.length; at += step) {
    out += btoa(String.fromCharCode(...bytes.subarray(at, at + step)));
  }
  return out;
}
