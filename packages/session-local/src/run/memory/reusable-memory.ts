import { isNumeric, type NumericData, type Tensor } from "@tfsaver/core";
import { unfilledMemory } from "@tfsaver/storage/host";
import type { LocalVariable } from "../../resources/local-variable.js";

/** Size in bytes from which memory is kept for the next restore. Below, new memory costs little. */
const LEAST = 64 << 10;

/**
 * What is known of a buffer. It is `new` until a variable owns it, and `left` once that variable has another value. What is
 * `shared` may be anyone's, for ever.
 */
interface Block {
  readonly memory: ArrayBuffer;
  state: "new" | "owned" | "left" | "shared";
  owner: LocalVariable | undefined;
  /** Number of holds. */
  holds: number;
}

/** Keeps the memory of values from being used again while someone may read them, such as a run or a save. */
export class Hold {
  readonly #held = new Set<Block>();

  constructor(
    private readonly find: (tensor: Tensor) => Block | undefined,
    private readonly keepIfFree: (buffer: Block) => void,
  ) {}

  /** Holds the memory of a value. */
  add(tensor: Tensor): void {
    const buffer = this.find(tensor);
    if (buffer === undefined || this.#held.has(buffer)) return;
    this.#held.add(buffer);
    buffer.holds++;
  }

  /** Ends the hold. Nobody may read the values through it any more. */
  release(): void {
    for (const buffer of this.#held) {
      buffer.holds--;
      this.keepIfFree(buffer);
    }
    this.#held.clear();
  }
}

/**
 * Keeps the memory of restored values that were replaced, so that the next restore needs no new memory: the system takes
 * longer to provide that than to fill it.
 *
 * Memory is kept only if it came from {@link ReusableMemory.allocate} and nobody can see it: one variable owned it, and
 * nothing but holds, which have ended, had it besides. Whoever passes a value to something else, or does not know, says so
 * with {@link ReusableMemory.share}; then its memory is never used again.
 */
export class ReusableMemory {
  readonly #buffers = new WeakMap<ArrayBufferLike, Block>();
  readonly #sharedVariables = new WeakSet<LocalVariable>();
  /** Memory that is kept, by size. */
  readonly #kept = new Map<number, ArrayBuffer[]>();
  #keptBytes = 0;
  #isUsed = false;

  /** @param limit - returns the number of bytes to keep at most; `undefined` to keep none */
  constructor(private readonly limit: (() => number) | undefined) {}

  /** False until the first buffer: until then, there is nothing to hold or to share. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#keptBytes;
  }

  /** Returns memory for one value, with any content. */
  allocate(size: number): ArrayBuffer {
    if (size < LEAST || this.limit === undefined) return unfilledMemory(size);
    const memory = this.#take(size) ?? this.#allocateNew(size);
    this.#buffers.set(memory, { memory, state: "new", owner: undefined, holds: 0 });
    this.#isUsed = true;
    return memory;
  }

  /** Makes a hold, of nothing yet. */
  hold(): Hold {
    return new Hold(
      (tensor) => this.#find(tensor),
      (buffer) => this.#keepIfFree(buffer),
    );
  }

  /** Says that anyone may have the memory of a value from now on. */
  share(tensor: Tensor): void {
    const buffer = this.#find(tensor);
    if (buffer !== undefined) buffer.state = "shared";
  }

  /** Says that anyone may read a variable from now on, and so all its values. */
  shareVariable(variable: LocalVariable): void {
    this.#sharedVariables.add(variable);
    if (variable.value !== undefined) this.share(variable.value);
  }

  /** Says that a variable got a value in place of another. */
  replace(variable: LocalVariable, before: Tensor | undefined, value: Tensor): void {
    const old = before && this.#find(before);
    const buffer = this.#find(value);
    if (old === buffer) return;
    if (old?.state === "owned" && old.owner === variable) {
      old.state = "left";
      this.#keepIfFree(old);
    }
    if (buffer === undefined) return;
    buffer.state = buffer.state === "new" && !this.#sharedVariables.has(variable) ? "owned" : "shared";
    buffer.owner = variable;
  }

  /** Gives back the memory that is kept. */
  trim(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
  }

  #find(tensor: Tensor): Block | undefined {
    // The data of strings is not looked at: that would unpack them.
    if (!this.#isUsed || !isNumeric(tensor.dtype)) return undefined;
    const data = tensor.data as NumericData;
    return data.byteLength < LEAST ? undefined : this.#buffers.get(data.buffer);
  }

  #take(size: number): ArrayBuffer | undefined {
    const memory = this.#kept.get(size)?.pop();
    if (memory !== undefined) this.#keptBytes -= size;
    return memory;
  }

  #allocateNew(size: number): ArrayBuffer {
    try {
      return unfilledMemory(size);
    } catch (error) {
      if (this.#keptBytes === 0) throw error;
      this.trim();
      return unfilledMemory(size);
    }
  }

  #keepIfFree({ memory, state, holds }: Block): void {
    if (state !== "left" || holds > 0 || this.limit === undefined) return;
    const size = memory.byteLength;
    if (this.#keptBytes + size > this.limit()) return;
    this.#buffers.delete(memory);
    const ofSize = this.#kept.get(size) ?? [];
    this.#kept.set(size, ofSize);
    ofSize.push(memory);
    this.#keptBytes += size;
  }
}
