import { type CheckpointReader, openCheckpoint, retryIfReplaced, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { bytesEqual, FailedPreconditionError, type OperationOptions } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import { explainingFiles } from "@tfsaver/kept-checkpoints";
import { ActiveLoad, type RestoringParts } from "./active-load.js";
import { Load, type Matching } from "./load.js";
import { NameBasedLoad } from "./name-based-load.js";
import { StoredGraph } from "./stored-graph.js";
import { nextUid } from "./update-uids.js";

/** The restores of a checkpoint object. Values that later objects may still take are kept in mind. */
export class Restores {
  /** Loads that may still match objects, or have not given them their values yet; the newest first. */
  #loads: readonly ActiveLoad[] = [];
  /** Number of restores that have begun and not matched yet. */
  #beginning = 0;

  constructor(private readonly parts: RestoringParts) {}

  /** True while a restore has begun and not matched yet. */
  get isBeginning(): boolean {
    return this.#beginning > 0;
  }

  /**
   * Restores a checkpoint into the objects that are there.
   *
   * @param found - resolves to the prefix of the checkpoint
   */
  async begin(
    found: Promise<string>,
    session: Session | undefined,
    options: OperationOptions,
  ): Promise<ActiveLoad<Load> | ActiveLoad<NameBasedLoad>> {
    const uid = nextUid();
    this.#beginning++;
    try {
      const prefix = await found;
      const files = { storage: this.parts.storage, signal: options.signal };
      return await explainingFiles(prefix, files, () => this.#restore(prefix, uid, session, options));
    } finally {
      this.#beginning--;
    }
  }

  async #restore(
    prefix: string,
    uid: number,
    session: Session | undefined,
    options: OperationOptions,
  ): Promise<ActiveLoad<Load> | ActiveLoad<NameBasedLoad>> {
    const { reader, matching } = await retryIfReplaced(prefix, () => this.#open(prefix, uid, options));
    try {
      const load = new ActiveLoad(matching, this.parts, session);
      await load.restore(reader, options);
      this.#keep(load);
      return load as ActiveLoad<Load> | ActiveLoad<NameBasedLoad>;
    } finally {
      await reader.close();
    }
  }

  /**
   * Matches objects that were made since with the checkpoints that were restored, the newest first, and begins to restore
   * their values.
   *
   * @param also - a load that is asked too, although it is no longer kept in mind
   */
  matchAgain(also?: ActiveLoad): void {
    const loads = new Set(also === undefined ? this.#loads : [...this.#loads, also]);
    if (loads.size === 0) return;
    const view = this.parts.view();
    const sorted = [...loads].sort((a, b) => b.matching.uid - a.matching.uid);
    for (const load of sorted) load.matchAgain(view);
    this.#loads = sorted.filter((load) => this.#loads.includes(load) || load.isReading).filter(isNeeded);
  }

  /**
   * @throws `FailedPreconditionError` if restored values are not in place yet; the error of values that could not be restored,
   * if nobody has seen it.
   */
  requireSettled(): void {
    for (const load of this.#loads) {
      const { failure } = load;
      if (failure === undefined) continue;
      // Seen now.
      void load.settled().catch(() => undefined);
      throw failure.error;
    }
    if (this.isBeginning || this.#loads.some((load) => load.isReading)) {
      throw new FailedPreconditionError(
        "The checkpoint can't be saved while values are being restored into its objects: await `status.settled()` first",
      );
    }
    const waiting = this.#loads.find((load) => load.isWaiting);
    if (waiting === undefined) return;
    throw new FailedPreconditionError(
      `The checkpoint can't be saved before the values of ${waiting.matching.prefix} are restored: call ` +
        "`status.runRestoreOps(session)` first",
    );
  }

  async #open(
    prefix: string,
    uid: number,
    options: OperationOptions,
  ): Promise<{ readonly reader: CheckpointReader; readonly matching: Matching }> {
    const { storage } = this.parts;
    const reader = await openCheckpoint(prefix, { storage, signal: options.signal });
    try {
      const graph = await StoredGraph.read(reader, options);
      if (graph === undefined) {
        const names = new Set<string>();
        for await (const { name } of reader.tensors(options)) names.add(name);
        return { reader, matching: new NameBasedLoad(uid, prefix, names) };
      }
      return { reader, matching: new Load(uid, { prefix, graph, slotInfos: await slotInfos(graph, reader, options) }) };
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** Keeps a load in mind, in place of older ones of the same object graph: these have no values that it has not. */
  #keep(load: ActiveLoad): void {
    const others = this.#loads.filter((old) => isNeeded(old) && !(isReplaceable(old) && isSameKind(load, old)));
    this.#loads = [load, ...others].filter(isNeeded).sort((a, b) => b.matching.uid - a.matching.uid);
  }
}

function isNeeded(load: ActiveLoad): boolean {
  return load.matching.isOpen || !isReplaceable(load);
}

/** True if nothing is under way. */
function isReplaceable(load: ActiveLoad): boolean {
  return !load.isReading && !load.isWaiting && load.failure === undefined;
}

function isSameKind({ matching: one }: ActiveLoad, { matching: other }: ActiveLoad): boolean {
  if (one instanceof NameBasedLoad) return other instanceof NameBasedLoad;
  return one instanceof Load && other instanceof Load && bytesEqual(one.graph.encode(), other.graph.encode());
}

/** Returns the facts about the values of slot variables, by the ids of these. */
async function slotInfos(
  graph: StoredGraph,
  reader: CheckpointReader,
  options: OperationOptions,
): Promise<ReadonlyMap<number, TensorInfo>> {
  const ids = graph.nodes.flatMap(({ slotVariables }) => slotVariables.map((slot) => slot.slotVariableNodeId));
  const keys = ids.map((id) => graph.node(id).attributes[0]?.checkpointKey ?? "");
  const infos = ids.length === 0 ? [] : await reader.infos(keys, options);
  return new Map(ids.flatMap((id, i) => (infos[i] === undefined ? [] : [[id, infos[i] as TensorInfo] as const])));
}
