import { signal } from "@preact/signals";
import type { CheckpointReport } from "@tfsaver/checkpoint-tools";
import { isCheckpointError, type Progress } from "@tfsaver/core";
import type { Calls } from "../rpc/index.js";
import type { Engine } from "../worker/contract.js";
import type { AskFirst } from "./ask-first.js";
import { keyOf, type Source } from "./source.js";

/** How far the verification of a checkpoint is. */
export interface Verification {
  readonly progress: Progress | undefined;
  /** Undefined until it is done. */
  readonly report: CheckpointReport | undefined;
  readonly error: Error | undefined;
  stop(): void;
}

/** The verifications of whole checkpoints, which go on while other things are looked at. */
export class Verifications {
  readonly #all = signal<ReadonlyMap<string, Verification>>(new Map());

  constructor(
    private readonly engine: Calls<Engine>,
    private readonly askFirst: AskFirst,
  ) {}

  /** Returns that of a checkpoint; undefined if it was not asked for. */
  of(source: Source, path: string): Verification | undefined {
    return this.#all.value.get(keyOf(source, path));
  }

  /**
   * Verifies a checkpoint.
   *
   * @param bytes - what it will read
   */
  async start(source: Source, path: string, bytes: number): Promise<void> {
    const abort = new AbortController();
    const set = (change: Partial<Verification> | undefined) => {
      const key = keyOf(source, path);
      const all = new Map(this.#all.peek());
      const before = all.get(key) ?? { progress: undefined, report: undefined, error: undefined };
      if (change === undefined) all.delete(key);
      else all.set(key, { ...before, ...change, stop: () => abort.abort() });
      this.#all.value = all;
    };
    try {
      await this.askFirst.mayRead(bytes, "Verify the whole checkpoint");
      set({ progress: { done: 0, total: bytes, tensor: "" }, report: undefined, error: undefined });
      const options = { signal: abort.signal, onProgress: (progress: Progress) => set({ progress }) };
      const report = await this.engine.verify({ source: source.id, path }, options);
      set({ report, progress: undefined });
    } catch (error) {
      set(isCheckpointError(error, "CancelledError") ? undefined : { error: error as Error, progress: undefined });
    }
  }
}
