import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Storage } from "@tfsaver/storage";
import { type Address, changedAddress } from "../model/address.js";
import { Catalog } from "../model/tensors/catalog.js";
import type { Calls } from "../rpc/index.js";
import { CountedStorage } from "../storage/counted-storage.js";
import type { Engine } from "../worker/contract.js";
import type { AddressBar } from "./address-bar.js";
import { AskFirst } from "./ask-first.js";
import { Diagnoses } from "./diagnoses.js";
import type { Place, Source } from "./source.js";
import { type RunningEngine, startEngine } from "./start-engine.js";
import { Verifications } from "./verifications.js";

/** The checkpoint that is shown, while it is opened and after. */
export type Shown =
  | { readonly status: "none" }
  | { readonly status: "opening"; readonly path: string; readonly source: Source }
  | { readonly status: "open"; readonly path: string; readonly source: Source; readonly catalog: Catalog }
  | { readonly status: "failed"; readonly path: string; readonly source: Source; readonly error: Error };

/** Something that a person should know, and can dismiss. */
interface Notice {
  readonly title: string;
  readonly message: string;
}

/** The state of one viewer. Views read its signals, call its engine, and change its address. */
export class App {
  readonly #engine: RunningEngine;
  readonly #storages: Storage[] = [];
  readonly #opened = new Map<string, Promise<Catalog>>();
  readonly #sources = signal<readonly Source[]>([]);
  readonly #shown = signal<Shown>({ status: "none" });
  readonly #cost = signal({ reads: 0, bytes: 0, areRequests: false });
  readonly #notice = signal<Notice | undefined>(undefined);
  readonly #searching = signal<string | undefined>(undefined);

  /** Asks before something reads a lot. */
  readonly askFirst = new AskFirst();
  /** Says what is wrong with the files of checkpoints. */
  readonly diagnoses: Diagnoses;
  /** Verifies whole checkpoints. */
  readonly verifications: Verifications;
  /** What is seen. */
  readonly address: ReadonlySignal<Address>;

  constructor(private readonly bar: AddressBar) {
    this.address = computed(() => bar.address.value);
    this.#engine = startEngine((source) => this.#storages[source] as Storage);
    this.diagnoses = new Diagnoses(this.engine);
    this.verifications = new Verifications(this.engine, this.askFirst);
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

  /** Number of reads so far, and their bytes. `areRequests` is true if some of them leave this machine. */
  get cost(): ReadonlySignal<{ readonly reads: number; readonly bytes: number; readonly areRequests: boolean }> {
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

  /** What went wrong when something was opened; undefined if nothing did since. */
  get notice(): ReadonlySignal<Notice | undefined> {
    return this.#notice;
  }

  dismissNotice(): void {
    this.#notice.value = undefined;
  }

  /** Name of what is searched for checkpoints; undefined if nothing is. */
  get searching(): ReadonlySignal<string | undefined> {
    return this.#searching;
  }

  /**
   * Searches something for checkpoints. An error becomes a notice.
   *
   * @param isAsked - true if the person has just asked for it, so that it is shown in place of another; false if the address may
   * say what is shown
   */
  async addSource(place: Place | (() => Promise<Place>), isAsked: boolean): Promise<void> {
    this.dismissNotice();
    let name = "";
    try {
      this.#searching.value = name;
      const {
        name: called,
        storage,
        path,
        isLocal = false,
        explain,
      } = typeof place === "function" ? await place() : place;
      name = called;
      this.#searching.value = name;
      const count = (reads: number, bytes: number) => this.#count(reads, bytes, !isLocal);
      const id = this.#storages.push(new CountedStorage(storage, count)) - 1;
      const found = await this.engine.find({ source: id, path }).catch((error: Error) => {
        throw explain?.(error) ?? error;
      });
      const [warning] = found.warnings;
      if (warning !== undefined) this.#notice.value = { title: `Not all of ${name} can be used`, message: warning };
      this.#sources.value = [...this.#sources.value, { id, name, found }];
      if (isAsked) this.go({ checkpoint: found.chosen });
    } catch (error) {
      this.#notice.value = { title: `${name || "This"} can't be opened`, message: (error as Error).message };
    } finally {
      this.#searching.value = undefined;
    }
  }

  #count(reads: number, bytes: number, areRequests: boolean): void {
    const cost = this.#cost.peek();
    this.#cost.value = {
      reads: cost.reads + reads,
      bytes: cost.bytes + bytes,
      areRequests: cost.areRequests || areRequests,
    };
  }

  /** Returns the names of the tensors of a checkpoint that are known to be damaged. */
  damaged(source: Source, path: string): ReadonlySet<string> {
    const diagnosis = this.diagnoses.of(source, path);
    const problems = [
      ...(diagnosis?.status === "done" ? diagnosis.problems : []),
      ...(this.verifications.of(source, path)?.report?.problems ?? []),
    ];
    return new Set(problems.flatMap(({ tensors = [] }) => tensors));
  }

  /** Opens a checkpoint, once: the result is kept. Asks before, if its format can only be read whole and it is large. */
  open(source: number, path: string): Promise<Catalog> {
    const key = `${source} ${path}`;
    const opened = this.#opened.get(key) ?? this.#openAnew(source, path);
    this.#opened.set(key, opened);
    // After an error, it can be tried again.
    opened.catch(() => this.#opened.delete(key));
    return opened;
  }

  async #openAnew(source: number, path: string): Promise<Catalog> {
    const found = this.#sources.peek().find(({ id }) => id === source)?.found.checkpoints ?? [];
    const bytes = found.find((one) => one.path === path)?.bytesToOpen ?? 0;
    await this.askFirst.mayRead(bytes, `Read all of ${path}, which its format needs`);
    return new Catalog(await this.engine.open({ source, path }));
  }

  close(): void {
    this.#stop();
    this.bar.close();
    this.#engine.end();
  }

  async #show(wanted: string | undefined, sources: readonly Source[]): Promise<void> {
    const holder = sources.findLast(({ found }) => found.checkpoints.some(({ path }) => path === wanted));
    const source = holder ?? sources[0];
    if (source === undefined) return;
    const path = holder === undefined ? source.found.chosen : (wanted as string);
    const before = this.#shown.peek();
    if (before.status !== "none" && before.path === path && before.source === source) return;
    this.#shown.value = { status: "opening", path, source };
    const isWanted = () => {
      const now = this.#shown.peek();
      return now.status === "opening" && now.path === path && now.source === source;
    };
    try {
      const catalog = await this.open(source.id, path);
      if (isWanted()) this.#shown.value = { status: "open", path, source, catalog };
    } catch (error) {
      if (isWanted()) this.#shown.value = { status: "failed", path, source, error: error as Error };
    }
  }
}
