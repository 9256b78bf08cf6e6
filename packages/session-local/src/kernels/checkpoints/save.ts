import { contentSize, InvalidArgumentError, numElements, type Tensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { BundleSeries } from "@tfsaver/tensor-bundle";
import type { Kernel, KernelCall } from "../../kernel.js";
import { sizeOf } from "../../run/memory/tensor-size.js";
import { textOf, textsOf } from "../arguments.js";
import { type TensorKey, tensorKeys } from "./tensor-keys.js";
import { v1SaveOrder } from "./v1-save-order.js";

/** The inputs of a save operation besides the file name. */
interface Saved {
  readonly keys: readonly TensorKey[];
  readonly tensors: readonly Tensor[];
}

function savedBy(call: KernelCall): Saved {
  const hasSpecs = call.op.type !== "Save";
  const [names, specs] = [call.input(1), hasSpecs ? call.input(2) : undefined];
  const tensors = call.inputs.slice(hasSpecs ? 3 : 2);
  // Compared before the texts are read: a graph can repeat a name any number of times.
  const [nameCount, specCount] = [names, specs ?? names].map(({ shape }) => numElements(shape));
  if (nameCount !== tensors.length || specCount !== tensors.length) {
    throw new InvalidArgumentError(
      `Got ${nameCount} tensor names and ${specCount} slice specs but ${tensors.length} tensors.`,
    );
  }
  // A tensor of strings can be larger in the file than in memory, where its elements can be the same string.
  for (const tensor of tensors) call.reserve({ bytes: sizeOf(tensor) });
  const texts = textsOf(call, names);
  return { keys: tensorKeys(texts, specs === undefined ? texts.map(() => "") : textsOf(call, specs)), tensors };
}

/** The series of the bundles that one operation writes. It starts anew when the operation gets other names. */
class SavedBundles {
  #keys: readonly TensorKey[] = [];
  #series = new BundleSeries([]);

  seriesOf(keys: readonly TensorKey[]): BundleSeries {
    if (this.#keys !== keys) {
      this.#keys = keys;
      this.#series = new BundleSeries(keys);
    }
    return this.#series;
  }
}

async function saveV2(call: KernelCall): Promise<void> {
  const { storage, signal, onProgress, beforeCommit, staging } = call;
  const { keys, tensors } = savedBy(call);
  const series = call.state(() => new SavedBundles()).seriesOf(keys);
  const prefix = textOf(call.input(0), "prefix");
  call.requireWritable(prefix);
  await series.write(prefix, tensors, { storage, signal, onProgress, beforeCommit, staging });
}

async function saveSlices(call: KernelCall): Promise<void> {
  const { storage, signal, onProgress, beforeCommit, staging } = call;
  const { keys, tensors } = savedBy(call);
  const total = tensors.reduce((sum, tensor) => sum + contentSize(tensor), 0);
  let done = 0;
  const filename = textOf(call.input(0), "filename");
  call.requireWritable(filename);
  const writer = new SlicesWriter(filename, { storage, signal, beforeCommit, staging });
  for (const index of v1SaveOrder(keys.map(({ name }) => name))) {
    const { name, part } = keys[index] as TensorKey;
    const tensor = tensors[index] as Tensor;
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
  // In the oldest graphs. It saves whole tensors only.
  Save: saveSlices,
};
