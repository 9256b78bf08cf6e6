import type { CheckpointReader, TensorInfo } from "@tfsaver/checkpoint-reader";
import { byteLength, isNumeric, sliceShape, type Tensor } from "@tfsaver/core";
import type { Closable, KernelCall } from "../../kernel.js";
import type { TensorKey } from "./tensor-keys.js";

/** Nanoseconds, roughly, that reading and verifying a byte takes. */
const STEPS_PER_BYTE = 2;

/** What a byte counts that is read again: a restore has no need of that, but a small graph can ask for it very often. */
const COST_OF_A_COPY = 8;

/**
 * A checkpoint that is open for a run. All operations of the run share it, so that they read the same checkpoint even if it
 * is replaced meanwhile, and so that a tensor is in memory once, however often the graph names it.
 */
export class SharedCheckpoint implements Closable {
  /** Tensors that were read, by key, as long as something holds them. */
  readonly #known = new Map<string, WeakRef<Tensor>>();
  /** Reads under way, by key. */
  readonly #reading = new Map<string, Promise<unknown>>();
  /** Bytes that were read of each tensor. */
  readonly #bytesRead = new Map<string, number>();

  constructor(readonly reader: CheckpointReader) {}

  close(): Promise<void> {
    return this.reader.close();
  }

  /**
   * Reads tensors or parts of them. The first read of a byte counts as given to the run; others are reserved.
   *
   * @param infos - of the tensors, in the order of `keys`
   */
  async read(call: KernelCall, keys: readonly TensorKey[], infos: readonly TensorInfo[]): Promise<Tensor[]> {
    // What another operation reads is not read again.
    if (this.#reading.size > 0) await Promise.allSettled(keys.map(({ id }) => this.#reading.get(id)));
    const found = new Map<string, Tensor>();
    const wanted = new Map<string, TensorKey>();
    for (const [i, key] of keys.entries()) {
      const known = this.#known.get(key.id)?.deref();
      if (known !== undefined) found.set(key.id, known);
      else if (!wanted.has(key.id)) {
        wanted.set(key.id, key);
        this.#reserve(call, key, infos[i] as TensorInfo);
      }
    }
    const { signal, onProgress } = call;
    const allocate = (bytes: number) => call.allocate(bytes);
    const reading = this.reader.getAll([...wanted.values()], { signal, onProgress, allocate });
    for (const id of wanted.keys()) this.#reading.set(id, reading);
    try {
      const read = await reading;
      for (const [i, id] of [...wanted.keys()].entries()) {
        const tensor = read[i] as Tensor;
        found.set(id, tensor);
        this.#known.set(id, new WeakRef(tensor));
      }
    } finally {
      for (const id of wanted.keys()) this.#reading.delete(id);
    }
    const handedOut = new Set(wanted.keys());
    return keys.map(({ id }) => {
      const tensor = found.get(id) as Tensor;
      // The first one to get it may own its memory; from the second on, it is shared.
      if (!handedOut.delete(id)) call.keep(tensor);
      return tensor;
    });
  }

  #reserve(call: KernelCall, { name, part }: TensorKey, { dtype, shape, size, slices }: TensorInfo): void {
    const before = this.#bytesRead.get(name);
    if (before === undefined) call.given(size);
    const bytes = part === undefined || !isNumeric(dtype) ? size : byteLength(dtype, sliceShape(shape, part.slice));
    const total = (before ?? 0) + bytes;
    this.#bytesRead.set(name, total);
    const again = Math.min(bytes, Math.max(0, total - size));
    // For a part, the whole tensor, or a stored slice of it, is read and verified.
    const verified = bytes + size / Math.max(slices.length, 1);
    call.reserve({ bytes: again * COST_OF_A_COPY, steps: verified * STEPS_PER_BYTE });
  }
}
