import { copyTensor, isNumeric, type NumericData, packedStringsOf, type Tensor } from "@tfsaver/core";

/** Numbers up to this many bytes are copied in less time than it takes to remember, and look up, who holds them. */
const SHORT = 1024;

function isShort(tensor: Tensor): boolean {
  // To ask packed strings for their data would unpack them.
  return isNumeric(tensor.dtype) && (tensor.data as NumericData).byteLength <= SHORT;
}

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
  #isEmpty = true;

  add(tensor: Tensor): void {
    this.#isEmpty = false;
    if (!isShort(tensor)) for (const memory of memoryOf(tensor)) this.#held.add(memory);
  }

  /** The tensor itself, or a copy if its memory is held, or it is short. */
  unshared(tensor: Tensor): Tensor {
    return this.#mayHold(tensor) ? copyTensor(tensor) : tensor;
  }

  #mayHold(tensor: Tensor): boolean {
    if (this.#isEmpty) return false;
    return isShort(tensor) || memoryOf(tensor).some((memory) => this.#held.has(memory));
  }
}
