import { copyTensor, packedStringsOf, type Tensor } from "@tfsaver/core";

/** The pieces of memory that a tensor's elements lie in. */
function memoryOf(tensor: Tensor): readonly object[] {
  const packed = packedStringsOf(tensor);
  if (packed !== undefined) return [packed.bytes.buffer];
  const { data } = tensor;
  if (ArrayBuffer.isView(data)) return [data.buffer];
  // The strings of a checkpoint share one buffer, which need not be looked at a million times.
  return [data, ...new Set(data.map(({ buffer }) => buffer))];
}

/** Memory of tensors that someone holds on to. Knows buffers, so it also finds what shares memory under another shape. */
export class HeldMemory {
  readonly #held = new WeakSet<object>();

  add(tensor: Tensor): void {
    for (const memory of memoryOf(tensor)) this.#held.add(memory);
  }

  /** Whether any of the tensor's memory is held. */
  holds(tensor: Tensor): boolean {
    for (const memory of memoryOf(tensor)) if (this.#held.has(memory)) return true;
    return false;
  }

  /** The tensor itself, or a copy if its memory is held. */
  unshared(tensor: Tensor): Tensor {
    return this.holds(tensor) ? copyTensor(tensor) : tensor;
  }
}
