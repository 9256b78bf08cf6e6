import { type Tensor, toTensor } from "@tfsaver/core";
import type { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";

/** Writes a V2 checkpoint of tensors by name. Numbers become `float32`. */
export async function save(
  storage: MemoryStorage,
  prefix: string,
  tensors: Readonly<Record<string, Tensor | readonly number[] | Float32Array>>,
): Promise<void> {
  const writer = new BundleWriter(prefix, { storage });
  for (const [name, value] of Object.entries(tensors)) await writer.add(name, toTensor(value));
  await writer.finish();
}
