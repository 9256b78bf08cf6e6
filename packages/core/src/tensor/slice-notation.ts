import { InvalidArgumentError } from "../errors.js";
import { formatShape, type Shape } from "./shape.js";
import type { Extent, TensorSlice } from "./tensor-slice.js";

/**
 * Makes the slice of some rows: the positions `start` to `end` - 1 of the first dimension, and all of the others.
 *
 * @throws {@link InvalidArgumentError} unless `start` and `end` are integers with 0 ≤ `start` < `end`.
 * @example
 * ```ts
 * import { rows } from "@tfsaver/core";
 *
 * console.log(rows(5, 8)); // [ { start: 5, length: 3 } ]
 * ```
 */
export function rows(start: number, end: number): TensorSlice {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end <= start) {
    throw new InvalidArgumentError(`Rows ${start} to ${end} are none: pass integers with 0 <= start < end`);
  }
  return [{ start, length: end - start }];
}

/**
 * Parses a slice in NumPy's notation, such as `5:6,:` or `-3:`. Negative positions count from the end, positions beyond it mean
 * the end, `...` stands for as many `:` as are missing, and missing dimensions are whole.
 *
 * Steps and single positions (`5`) are refused: a part of a checkpoint has all positions of a range, and keeps its dimensions.
 *
 * @param shape - shape of the whole tensor
 * @throws {@link InvalidArgumentError} if the text is malformed, has too many dimensions, or selects nothing.
 * @example
 * ```ts
 * import { parseNumpySlice } from "@tfsaver/core";
 *
 * console.log(parseNumpySlice("-2:", [30522, 768])); // [ { start: 30520, length: 2 }, "full" ]
 * ```
 */
export function parseNumpySlice(text: string, shape: Shape): TensorSlice {
  const wrong = (why: string) => new InvalidArgumentError(`Slice '${text}': ${why}`);
  const inner = text.trim().replace(/^\[(.*)\]$/s, "$1");
  const parts = inner.trim() === "" ? [] : inner.split(",").map((part) => part.trim());
  if (parts.at(-1) === "" && parts.length > 1) parts.pop();
  const dots = parts.indexOf("...");
  if (dots !== parts.lastIndexOf("...")) throw wrong("'...' may occur once");
  const given = parts.length - (dots < 0 ? 0 : 1);
  if (given > shape.length) {
    throw wrong(`it has ${given} dimensions, but the tensor has ${shape.length}: ${formatShape(shape)}`);
  }
  const missing = new Array<string>(shape.length - given).fill(":");
  const full = dots < 0 ? [...parts, ...missing] : [...parts.slice(0, dots), ...missing, ...parts.slice(dots + 1)];
  return full.map((part, d): Extent => {
    const dim = shape[d] as number;
    if (part === ":" || part === "::") return "full";
    if (/^[+-]?\d+$/.test(part)) throw wrong(`write ${part}:${Number(part) + 1 || ""} for the single position ${part}`);
    const [, from, to, step] = /^([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?)?$/.exec(part) ?? [];
    if (!/:/.test(part) || (from === undefined && to === undefined && step === undefined)) {
      throw wrong(`'${part}' is no range: write start:end, such as 5:6, or : for all`);
    }
    if (step !== undefined && Number(step) !== 1)
      throw wrong(`steps are not supported: '${part}' has the step ${step}`);
    const start = position(from ?? "0", dim);
    const end = position(to ?? String(dim), dim);
    if (end <= start) throw wrong(`'${part}' selects nothing of dimension ${d}, which has ${dim} positions`);
    return { start, length: end - start };
  });
}

/** Returns a position from the start of a dimension, at most its size. */
function position(text: string, dim: number): number {
  const at = Number(text);
  return Math.min(Math.max(at < 0 ? dim + at : at, 0), dim);
}
