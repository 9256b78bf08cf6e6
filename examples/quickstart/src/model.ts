import { type Tensor, toTensor } from "tfsaver";
import type { Examples } from "./data.js";

/** The variables of the layers, in the order in which {@link trainingStep} accepts and returns their values. */
export const LAYERS = ["dense1/kernel", "dense1/bias", "dense2/kernel", "dense2/bias"] as const;

/**
 * Takes one step of gradient descent on two dense layers (six inputs, five hidden units with ReLU, two outputs), with
 * the mean squared error over all examples.
 */
export function trainingStep(
  values: readonly Tensor[],
  { inputs, targets }: Examples,
  learningRate: number,
): { readonly loss: number; readonly values: Tensor[] } {
  const [kernel1, bias1, kernel2, bias2] = values.map(({ data }) => data as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const gradients = values.map(({ data }) => new Float64Array(data.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const count = inputs.length * bias2.length;
  let loss = 0;
  for (const [row, input] of inputs.entries()) {
    const hidden = dense(input, kernel1, bias1).map((value) => Math.max(0, value));
    const output = dense(hidden, kernel2, bias2);
    const error = output.map((value, i) => value - (targets[row]?.[i] ?? 0));
    loss += error.reduce((sum, value) => sum + value * value, 0) / count;

    const outputGradient = error.map((value) => (2 * value) / count);
    const hiddenGradient = backward(hidden, outputGradient, kernel2, gradients[2], gradients[3]);
    const beforeRelu = hiddenGradient.map((value, i) => ((hidden[i] ?? 0) > 0 ? value : 0));
    backward(input, beforeRelu, kernel1, gradients[0], gradients[1]);
  }
  const updated = values.map(({ shape, data }, i) =>
    toTensor(
      (data as Float32Array).map((value, j) => value - learningRate * (gradients[i]?.[j] ?? 0)),
      "float32",
      shape,
    ),
  );
  return { loss, values: updated };
}

function dense(input: readonly number[], kernel: Float32Array, bias: Float32Array): number[] {
  return Array.from(bias, (start, unit) =>
    input.reduce((sum, value, i) => sum + value * (kernel[i * bias.length + unit] ?? 0), start),
  );
}

/** Adds one example's contribution to a layer's gradients, and returns the gradient of the layer's input. */
function backward(
  input: readonly number[],
  gradient: readonly number[],
  kernel: Float32Array,
  kernelGradient: Float64Array,
  biasGradient: Float64Array,
): number[] {
  const units = gradient.length;
  for (const [unit, value] of gradient.entries()) biasGradient[unit] = (biasGradient[unit] ?? 0) + value;
  return input.map((activation, i) => {
    let sum = 0;
    for (const [unit, value] of gradient.entries()) {
      const at = i * units + unit;
      kernelGradient[at] = (kernelGradient[at] ?? 0) + activation * value;
      sum += value * (kernel[at] ?? 0);
    }
    return sum;
  });
}
