import { copyTensor, isNumeric, type NumericData, packedStringsOf, type Tensor } from "@tfsaver/core";

/** Numeric tensors up to this many bytes are always copied: that is faster than tracking who holds them. */
const SHORT = 1024;

function isShort(tensor: Tensor): boolean {
  // Checked before `data`, because reading the data of packed strings would unpack them.
  return isNumeric(tensor.dtype) && (tensor.data as NumericData).byteLength <= SHORT;
}

/** Returns the buffers that contain a tensor's elements. */
function memoryOf(tensor: Tensor): readonly object[] {
  const packed = packedStringsOf(tensor);
  if (packed !== undefined) return [packed.bytes.buffer];
  const { data } = tensor;
  if (ArrayBuffer.isView(data)) return [data.buffer];
  // Strings from a checkpoint share one buffer; the set keeps it from being listed a million times.
  return [data, ...new Set(data.map(({ buffer }) => buffer))];
}

/** Tracks the memory that tensors share with someone else. It tracks buffers, so reshaped tensors are found too. */
export class HeldMemory {
  readonly #held = new WeakSet<object>();
  #isEmpty = true;

  add(tensor: Tensor): void {
    this.#isEmpty = false;
    if (!isShort(tensor)) for (const memory of memoryOf(tensor)) this.#held.add(memory);
  }

  /** Returns the tensor, or a copy if its memory is held or it is short. */
  unshared(tensor: Tensor): Tensor {
    return this.#mayHold(tensor) ? copyTensor(tensor) : tensor;
  }

  #mayHold(tensor: Tensor): boolean {
    if (this.#isEmpty) return false;
    return isShort(tensor) || memoryOf(tensor).some((memory) => this.#held.has(memory));
  }
}
