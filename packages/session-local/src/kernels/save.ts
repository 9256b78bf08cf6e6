import { contentSize, InvalidArgumentError, parseShapeAndSlice, type Tensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { BundleWriter, type NewTensor } from "@tfsaver/tensor-bundle";
import type { Kernel, KernelCall } from "../kernel.js";
import { textOf, textsOf } from "./arguments.js";
import { savedOrder } from "./saved-order.js";

/** What a save operation is to write, in the order of its inputs: the file, names, slice specs if it has any, tensors. */
function itemsOf(call: KernelCall): NewTensor[] {
  const names = textsOf(call.input(1));
  const hasSpecs = call.op.type !== "Save";
  const specs = hasSpecs ? textsOf(call.input(2)) : names.map(() => "");
  const tensors = call.inputs.slice(hasSpecs ? 3 : 2) as Tensor[];
  if (names.length !== tensors.length || specs.length !== tensors.length) {
    throw new InvalidArgumentError(
      `Got ${names.length} tensor names and ${specs.length} slice specs but ${tensors.length} tensors.`,
    );
  }
  return tensors.map((tensor, i) => ({
    name: names[i] as string,
    part: parseShapeAndSlice(specs[i] as string),
    tensor,
  }));
}

async function saveV2(call: KernelCall): Promise<void> {
  const { storage, signal, beforeCommit } = call;
  const items = itemsOf(call);
  const prefix = textOf(call.input(0), "prefix");
  call.requireWritable(prefix);
  const writer = new BundleWriter(prefix, { storage, signal, beforeCommit });
  try {
    await writer.addAll(items, call);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.finish();
}

async function saveSlices(call: KernelCall): Promise<void> {
  const { storage, signal, onProgress, beforeCommit } = call;
  const items = itemsOf(call);
  const total = items.reduce((sum, { tensor }) => sum + contentSize(tensor), 0);
  let done = 0;
  const filename = textOf(call.input(0), "filename");
  call.requireWritable(filename);
  const writer = new SlicesWriter(filename, { storage, signal, beforeCommit });
  for (const index of savedOrder(items.map(({ name }) => name))) {
    const { name, part, tensor } = items[index] as NewTensor;
    const read = async () => {
      done += contentSize(tensor);
      onProgress?.({ done, total, tensor: name });
      return tensor;
    };
    const { dtype, shape } = tensor;
    if (part === undefined) writer.add(name, { dtype, shape, read });
    else writer.addSlice(name, part, { dtype, shape, read });
  }
  await writer.finish();
}

/** Kernels of operations that write checkpoints. */
export const saveKernels: Readonly<Record<string, Kernel>> = {
  SaveV2: saveV2,
  SaveSlices: saveSlices,
  // The operation of the oldest graphs, which can only save whole tensors.
  Save: saveSlices,
};
