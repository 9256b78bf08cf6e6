import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Storage } from "@tfsaver/storage";
import { type Address, changedAddress } from "../model/address.js";
import { Catalog } from "../model/catalog.js";
import type { Calls } from "../rpc/index.js";
import { CountedStorage } from "../storage/counted-storage.js";
import type { Engine } from "../worker/contract.js";
import type { AddressBar } from "./address-bar.js";
import { AskFirst } from "./ask-first.js";
import type { Source } from "./source.js";
import { type RunningEngine, startEngine } from "./start-engine.js";

/** The checkpoint that is shown, while it is opened and after. */
export type Shown =
  | { readonly status: "none" }
  | { readonly status: "opening"; readonly path: string }
  | { readonly status: "open"; readonly path: string; readonly source: Source; readonly catalog: Catalog }
  | { readonly status: "failed"; readonly path: string; readonly source: Source; readonly error: Error };

/** The state of one viewer. Views read its signals, call its engine, and change its address. */
export class App {
  readonly #engine: RunningEngine;
  readonly #storages: Storage[] = [];
  readonly #opened = new Map<string, Promise<Catalog>>();
  readonly #sources = signal<readonly Source[]>([]);
  readonly #shown = signal<Shown>({ status: "none" });
  readonly #cost = signal({ requests: 0, bytes: 0 });

  /** Asks before something reads a lot. */
  readonly askFirst = new AskFirst();
  /** What is seen. */
  readonly address: ReadonlySignal<Address>;

  constructor(private readonly bar: AddressBar) {
    this.address = computed(() => bar.address.value);
    this.#engine = startEngine((source) => this.#storages[source] as Storage);
    // The checkpoint that is shown follows from the address and the sources.
    this.#stop = computed(() => ({ wanted: this.address.value.checkpoint, sources: this.#sources.value })).subscribe(
      ({ wanted, sources }) => void this.#show(wanted, sources),
    );
  }

  readonly #stop: () => void;

  /** What the worker does. */
  get engine(): Calls<Engine> {
    return this.#engine.calls;
  }

  /** What was dropped, chosen or named, in this order. */
  get sources(): ReadonlySignal<readonly Source[]> {
    return this.#sources;
  }

  /** The checkpoint that is shown. */
  get shown(): ReadonlySignal<Shown> {
    return this.#shown;
  }

  /** Requests and bytes that were read so far. */
  get cost(): ReadonlySignal<{ readonly requests: number; readonly bytes: number }> {
    return this.#cost;
  }

  /** Changes a part of the address. `replace` makes no entry in the history. */
  go(change: Partial<Address>, { replace = false } = {}): void {
    this.bar.go(changedAddress(this.address.peek(), change), replace);
  }

  /** Changes parameters of the view in the address; undefined removes one. */
  setParams(change: Readonly<Record<string, string | undefined>>, options?: { readonly replace?: boolean }): void {
    const all = Object.entries({ ...this.address.peek().params, ...change });
    const params = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
    this.go({ params }, options);
  }

  /**
   * Adds a storage, and shows its newest checkpoint.
   *
   * @param path - what was chosen in it: a prefix, a file, a folder or a state file
   * @throws what the storage throws; `NotFoundError` if there is no checkpoint.
   */
  async addSource(name: string, storage: Storage, path: string): Promise<void> {
    const count = (requests: number, bytes: number) => {
      const cost = this.#cost.peek();
      this.#cost.value = { requests: cost.requests + requests, bytes: cost.bytes + bytes };
    };
    const id = this.#storages.push(new CountedStorage(storage, count)) - 1;
    const found = await this.engine.find({ source: id, path });
    this.#sources.value = [...this.#sources.value, { id, name, found }];
  }

  /** Opens a checkpoint, once: the result is kept. */
  open(source: number, path: string): Promise<Catalog> {
    const key = `${source} ${path}`;
    const opened = this.#opened.get(key) ?? this.engine.open({ source, path }).then((listing) => new Catalog(listing));
    this.#opened.set(key, opened);
    // After an error, it can be tried again.
    opened.catch(() => this.#opened.delete(key));
    return opened;
  }

  close(): void {
    this.#stop();
    this.bar.close();
    this.#engine.end();
  }

  async #show(wanted: string | undefined, sources: readonly Source[]): Promise<void> {
    const source = sources.findLast(({ found }) => wanted === undefined || found.some(({ path }) => path === wanted));
    const path = wanted ?? source?.found.at(-1)?.path;
    if (source === undefined || path === undefined) return;
    const before = this.#shown.peek();
    if (before.status !== "none" && before.path === path) return;
    this.#shown.value = { status: "opening", path };
    const isWanted = () => {
      const now = this.#shown.peek();
      return now.status === "opening" && now.path === path;
    };
    try {
      const catalog = await this.open(source.id, path);
      if (isWanted()) this.#shown.value = { status: "open", path, source, catalog };
    } catch (error) {
      if (isWanted()) this.#shown.value = { status: "failed", path, source, error: error as Error };
    }
  }
}
