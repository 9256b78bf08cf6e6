import { InvalidArgumentError, parseShapeAndSlice, type Tensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import type { Kernel, KernelCall } from "../kernel.js";
import { textOf, textsOf } from "./arguments.js";

/** Data inputs before the tensors: prefix, names, slice specs. */
const FIRST_TENSOR = 3;

async function saveV2(call: KernelCall): Promise<void> {
  const { storage, signal, onProgress, inputs } = call;
  const [prefixTensor, nameTensor, specTensor] = inputs as readonly [Tensor, Tensor, Tensor];
  const prefix = textOf(prefixTensor, "prefix");
  const names = textsOf(nameTensor);
  const specs = textsOf(specTensor);
  const tensors = inputs.slice(FIRST_TENSOR);
  if (names.length !== tensors.length || specs.length !== tensors.length) {
    throw new InvalidArgumentError(
      `Got ${names.length} tensor names and ${specs.length} slice specs but ${tensors.length} tensors.`,
    );
  }
  const parts = specs.map(parseShapeAndSlice);
  const total = tensors.reduce((sum, tensor) => sum + contentSize(tensor), 0);
  const writer = new BundleWriter(prefix, { storage, signal });
  try {
    let done = 0;
    for (const [i, tensor] of tensors.entries()) {
      const name = names[i] as string;
      const part = parts[i];
      await (part === undefined ? writer.add(name, tensor) : writer.addSlice(name, part, tensor));
      done += contentSize(tensor);
      onProgress?.({ done, total, tensor: name });
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.finish();
}

/** Bytes of a tensor's elements. */
function contentSize({ data }: Tensor): number {
  return ArrayBuffer.isView(data) ? data.byteLength : data.reduce((sum, element) => sum + element.length, 0);
}

/** Kernels of operations that write checkpoints. */
export const saveKernels: Readonly<Record<string, Kernel>> = { SaveV2: saveV2 };
