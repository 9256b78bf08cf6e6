import type { Shape, TensorSlice } from "@tfsaver/core";

/** Numbers of kernels of a page: by input channel and by output channel. */
const PAGE = { inputs: 8, outputs: 12 } as const;

/** Some kernels of a convolution of shape [height, width, inputs, outputs]. */
export interface KernelPage {
  readonly input: number;
  readonly output: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Returns the number of pages: by input channels and by output channels. */
export function kernelPages([, , inputs = 0, outputs = 0]: Shape): { readonly down: number; readonly across: number } {
  return { down: Math.ceil(inputs / PAGE.inputs), across: Math.ceil(outputs / PAGE.outputs) };
}

/** Returns a page, counted row by row. The nearest one if there is no such page. */
export function kernelPage(shape: Shape, page: number): KernelPage {
  const { down, across } = kernelPages(shape);
  const at = Math.min(Math.max(Math.trunc(page) || 0, 0), down * across - 1);
  const [, , inputs = 0, outputs = 0] = shape;
  const input = Math.floor(at / across) * PAGE.inputs;
  const output = (at % across) * PAGE.outputs;
  return {
    input,
    output,
    inputs: Math.min(PAGE.inputs, inputs - input),
    outputs: Math.min(PAGE.outputs, outputs - output),
  };
}

/** Returns the slice of a tensor that has the kernels of a page. */
export function kernelSlice({ input, output, inputs, outputs }: KernelPage): TensorSlice {
  return ["full", "full", { start: input, length: inputs }, { start: output, length: outputs }];
}

/** Returns the values of one kernel of a page, row by row. */
export function kernelValues(
  values: ArrayLike<number>,
  [height = 0, width = 0]: Shape,
  page: KernelPage,
  input: number,
  output: number,
): Float64Array {
  const place = (input - page.input) * page.outputs + output - page.output;
  const stride = page.inputs * page.outputs;
  return Float64Array.from({ length: height * width }, (_, i) => values[i * stride + place] as number);
}
