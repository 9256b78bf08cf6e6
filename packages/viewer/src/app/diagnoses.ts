import { signal } from "@preact/signals";
import type { FileProblem } from "@tfsaver/checkpoint-reader";
import type { Calls } from "../rpc/index.js";
import type { Engine } from "../worker/contract.js";
import { keyOf, type Source } from "./source.js";

/** What is wrong with the files of a checkpoint, as far as little reading tells. */
export type Diagnosis =
  | { readonly status: "running" }
  | { readonly status: "done"; readonly problems: readonly FileProblem[] }
  | { readonly status: "failed"; readonly error: Error };

/** The diagnoses of checkpoints. Each is made once, one after another. */
export class Diagnoses {
  readonly #all = signal<ReadonlyMap<string, Diagnosis>>(new Map());
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly engine: Calls<Engine>) {}

  /** Returns the diagnosis of a checkpoint; undefined if it was not asked for. */
  of(source: Source, path: string): Diagnosis | undefined {
    return this.#all.value.get(keyOf(source, path));
  }

  /** Asks for a diagnosis, unless that was done before. */
  start(source: Source, path: string): void {
    const key = keyOf(source, path);
    if (this.#all.peek().has(key)) return;
    const set = (diagnosis: Diagnosis) => {
      this.#all.value = new Map(this.#all.peek()).set(key, diagnosis);
    };
    set({ status: "running" });
    this.#last = this.#last
      .then(() => this.engine.diagnose({ source: source.id, path }))
      .then(
        (problems) => set({ status: "done", problems }),
        (error) => set({ status: "failed", error }),
      );
  }
}
