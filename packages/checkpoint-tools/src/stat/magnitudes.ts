import { dtypeInfo, type Tensor } from "@tfsaver/core";
import { type Numbers, numbersOf } from "../values/numbers.js";

/** Returns the numbers of a tensor; of complex ones, the magnitudes. */
export function magnitudesOf(tensor: Tensor): Numbers {
  const numbers = numbersOf(tensor);
  if (dtypeInfo(tensor.dtype).lanes === 1) return numbers;
  const magnitudes = new Float64Array(numbers.length / 2);
  for (let i = 0; i < magnitudes.length; i++) {
    magnitudes[i] = Math.hypot(numbers[2 * i] as number, numbers[2 * i + 1] as number);
  }
  return magnitudes;
}
