import type { CheckpointReader } from "@tfsaver/checkpoint-reader";
import { retryIfReplaced } from "@tfsaver/checkpoint-reader";
import { type OperationOptions, RuntimeError } from "@tfsaver/core";
import type { Graph, Session } from "@tfsaver/graph";
import { explainingFiles } from "@tfsaver/kept-checkpoints";
import type { Storage } from "@tfsaver/storage";
import type { RootView } from "../objects/root-view.js";
import type { GraphValues } from "../values/graph-values.js";
import type { ValueCache } from "../values/value-cache.js";
import type { MatchedAttribute, Matching } from "./load.js";
import { type FittingValues, readFitting } from "./read-values.js";
import { giveBack, updateUidOf } from "./update-uids.js";

/** What a restore reads and assigns with. */
export interface RestoringParts {
  readonly view: () => RootView;
  readonly storage: Storage;
  readonly cache: ValueCache;
  readonly valuesOf: (graph: Graph) => GraphValues;
  /** The session of the checkpoint, for values in a graph. */
  readonly session: Session | undefined;
}

/** A restore whose values are read and assigned as their objects are matched. */
export class ActiveLoad<M extends Matching = Matching> {
  readonly #session: Session | undefined;
  /** All values in a graph that were matched. */
  readonly #graphValues: FittingValues["graph"][number][] = [];
  #hasRun = true;
  #reading: Promise<void> = Promise.resolve();
  #pending = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param session - for values in a graph; default: the session of the checkpoint */
  constructor(
    readonly matching: M,
    private readonly parts: RestoringParts,
    session: Session | undefined,
  ) {
    this.#session = session ?? parts.session;
  }

  /** True while matched values are being read. */
  get isReading(): boolean {
    return this.#pending > 0;
  }

  /** True if matched values in a graph wait for a session, unless a later load has replaced them. */
  get isWaiting(): boolean {
    return !this.#hasRun && this.#graphValues.some(({ object }) => this.#isCurrent(object));
  }

  /** The error of values that could not be read in the background, and that nobody has seen. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Matches the objects that are there, and restores their values: all of them or none. */
  async restore(reader: CheckpointReader, options: OperationOptions): Promise<void> {
    await this.#assign(this.matching.match(this.parts.view()), options, reader);
  }

  /** Matches objects that were made since, and begins to restore their values. */
  matchAgain(view: RootView): void {
    const found = this.matching.match(view);
    if (found.length === 0) return;
    this.#pending++;
    this.#reading = this.#reading
      .then(() => explainingFiles(this.matching.prefix, { storage: this.parts.storage }, () => this.#assign(found, {})))
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#pending--;
      });
  }

  /**
   * Waits until all matched values are in place, apart from those that wait for a session.
   *
   * @throws the error of values that could not be restored.
   */
  async settled(): Promise<void> {
    await this.#reading;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  /**
   * Restores all matched values in a graph, unless a later load has replaced them.
   *
   * @throws `RuntimeError` if there are such values and no session.
   */
  async run(session: Session | undefined): Promise<void> {
    await this.settled();
    if (this.#graphValues.length === 0) return;
    await this.#run(this.requireSession(session), this.#graphValues, {});
    this.#hasRun = true;
  }

  /** @throws `RuntimeError` if there is no session. */
  requireSession(session: Session | undefined): Session {
    const known = session ?? this.#session;
    if (known !== undefined) return known;
    throw new RuntimeError(
      `Unable to restore the variables of a graph from ${this.matching.prefix} without a session. Pass one to ` +
        "runRestoreOps, restore, or the constructor of Checkpoint.",
    );
  }

  async #assign(
    found: readonly MatchedAttribute[],
    options: OperationOptions,
    reader?: CheckpointReader,
  ): Promise<void> {
    if (found.length === 0) return;
    const { hosts, graph } = await this.#read(found, options, reader).catch((error: unknown) => {
      giveBack(found, this.matching.uid);
      throw error;
    });
    for (const value of graph) this.#graphValues.push(value);
    if (graph.length > 0) {
      if (this.#session === undefined) this.#hasRun = false;
      else await this.#run(this.#session, graph, options);
    }
    for (const { object, host, tensors } of hosts) if (this.#isCurrent(object)) await host.restore(tensors);
  }

  async #read(
    found: readonly MatchedAttribute[],
    options: OperationOptions,
    reader: CheckpointReader | undefined,
  ): Promise<FittingValues> {
    const { cache, storage } = this.parts;
    const wanted = found.map(({ object, attribute, key, nameOf }) => {
      return { object, nameOf, value: cache.valueOf(object, attribute, key) };
    });
    const values = await readFitting(this.matching.prefix, wanted, storage, options, reader);
    for (const { host, tensors } of values.hosts) host.check(tensors);
    return values;
  }

  #run(session: Session, values: FittingValues["graph"], options: OperationOptions): Promise<void> {
    const { prefix } = this.matching;
    const saveables = values.filter(({ object }) => this.#isCurrent(object)).map(({ saveable }) => saveable);
    if (saveables.length === 0) return Promise.resolve();
    const graphValues = this.parts.valuesOf(session.graph);
    return retryIfReplaced(prefix, () => graphValues.restore(session, prefix, saveables, options));
  }

  /** True unless a later load has given an object its value. */
  #isCurrent(object: object): boolean {
    return updateUidOf(object) === this.matching.uid;
  }
}
