import { dtypeInfo, numberDecoder, type Tensor, tensorStrings, UnimplementedError } from "@tfsaver/core";

/** An element of a tensor as a JavaScript value. A complex number is a pair of its parts. */
export type Element = number | bigint | boolean | readonly [real: number, imaginary: number] | Uint8Array;

/**
 * Reads the elements of a tensor as values, by their index in row-major order: numbers for numeric dtypes of any width
 * (bigints for 64-bit integers), booleans, pairs for complex numbers, and bytes for strings.
 *
 * @throws `UnimplementedError` for `variant` and `resource`.
 *
 * @example
 * ```ts
 * import { elementReader } from "@tfsaver/checkpoint-tools";
 * import { toTensor } from "@tfsaver/core";
 *
 * const elementAt = elementReader(toTensor([0.5, 1.5], "bfloat16"));
 * console.log(elementAt(1)); // 1.5
 * ```
 */
export function elementReader(tensor: Tensor): (index: number) => Element {
  const { dtype } = tensor;
  if (dtype === "string") {
    const strings = tensorStrings(tensor);
    return (index) => strings[index] as Uint8Array;
  }
  const { lanes, size } = dtypeInfo(dtype);
  if (size === 0) throw new UnimplementedError(`The elements of a ${dtype} tensor can't be shown`);
  const data = tensor.data as { readonly [index: number]: number | bigint };
  if (lanes === 2) return (index) => [data[2 * index] as number, data[2 * index + 1] as number];
  if (dtype === "bool") return (index) => data[index] !== 0;
  const toNumber = numberDecoder(dtype);
  if (toNumber === undefined) return (index) => data[index] as number | bigint;
  return (index) => toNumber(data[index] as number);
}
