import { type Tensor, toTensor } from "tfsaver";
import { type Flowers, randomNumbers, SPECIES } from "./flowers.js";

const INPUTS = 4;
const HIDDEN = 10;
const OUTPUTS = SPECIES.length;

/** The parameters of the network: four inputs, ten hidden units with tanh, and a softmax over three species. */
export const PARAMETERS = [
  { name: "hidden/kernel", shape: [INPUTS, HIDDEN] },
  { name: "hidden/bias", shape: [HIDDEN] },
  { name: "output/kernel", shape: [HIDDEN, OUTPUTS] },
  { name: "output/bias", shape: [OUTPUTS] },
] as const;

/** Makes initial values: small random numbers for kernels, zeros for biases. The same seed gives the same values. */
export function initialValues(seed: number): Tensor[] {
  const random = randomNumbers(seed);
  return PARAMETERS.map(({ shape: [rows, columns] }) => {
    if (columns === undefined) return toTensor(new Float32Array(rows));
    const limit = Math.sqrt(6 / (rows + columns));
    const data = Float32Array.from({ length: rows * columns }, () => limit * (2 * random() - 1));
    return toTensor(data, "float32", [rows, columns]);
  });
}

/** Computes the mean cross entropy over some flowers, and its gradient for each parameter. */
export function lossAndGradients(
  parameters: readonly Tensor[],
  { inputs, species }: Flowers,
): { readonly loss: number; readonly gradients: readonly Float64Array[] } {
  const [hiddenLayer, outputLayer] = layersOf(parameters);
  let loss = 0;
  for (const [i, input] of inputs.entries()) {
    const hidden = forward(hiddenLayer, input).map(Math.tanh);
    const shares = softmax(forward(outputLayer, hidden));
    const truth = species[i] ?? 0;
    loss -= Math.log(shares[truth] ?? 0) / inputs.length;

    const gradient = shares.map((share, kind) => (share - (kind === truth ? 1 : 0)) / inputs.length);
    const hiddenGradient = backward(outputLayer, hidden, gradient);
    const beforeTanh = hiddenGradient.map((value, unit) => value * (1 - (hidden[unit] ?? 0) ** 2));
    backward(hiddenLayer, input, beforeTanh);
  }
  return { loss, gradients: [hiddenLayer, outputLayer].flatMap((layer) => [layer.kernelGradient, layer.biasGradient]) };
}

/** Measures the network: the mean cross entropy over some flowers, and how many of them get the right species. */
export function evaluate(
  parameters: readonly Tensor[],
  flowers: Flowers,
): { readonly loss: number; readonly right: number } {
  const [hiddenLayer, outputLayer] = layersOf(parameters);
  const right = flowers.inputs.filter((input, i) => {
    const scores = forward(outputLayer, forward(hiddenLayer, input).map(Math.tanh));
    return scores.indexOf(Math.max(...scores)) === flowers.species[i];
  });
  return { loss: lossAndGradients(parameters, flowers).loss, right: right.length };
}

/** A dense layer, and the gradients that add up while flowers pass through it. */
interface Layer {
  /** One row for each input, one column for each unit. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly kernelGradient: Float64Array;
  readonly biasGradient: Float64Array;
}

function layersOf(parameters: readonly Tensor[]): readonly [Layer, Layer] {
  const layer = (first: number): Layer => {
    const [kernel, bias] = [parameters[first]?.data as Float32Array, parameters[first + 1]?.data as Float32Array];
    return {
      ...{ kernel, bias },
      ...{ kernelGradient: new Float64Array(kernel.length), biasGradient: new Float64Array(bias.length) },
    };
  };
  return [layer(0), layer(2)];
}

function forward({ kernel, bias }: Layer, input: readonly number[]): number[] {
  return Array.from(bias, (start, unit) =>
    input.reduce((sum, value, i) => sum + value * (kernel[i * bias.length + unit] ?? 0), start),
  );
}

/** Adds one flower's part to the gradients of a layer, and returns the gradient of its input. */
function backward(layer: Layer, input: readonly number[], gradient: readonly number[]): number[] {
  const { kernel, kernelGradient, biasGradient } = layer;
  for (const [unit, value] of gradient.entries()) biasGradient[unit] = (biasGradient[unit] ?? 0) + value;
  return input.map((activation, i) => {
    let sum = 0;
    for (const [unit, value] of gradient.entries()) {
      const at = i * gradient.length + unit;
      kernelGradient[at] = (kernelGradient[at] ?? 0) + activation * value;
      sum += value * (kernel[at] ?? 0);
    }
    return sum;
  });
}

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
