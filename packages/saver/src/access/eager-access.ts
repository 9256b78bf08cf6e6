import { type OperationOptions, parseShapeAndSlice, type Tensor, tensorStrings, ValueError } from "@tfsaver/core";
import { Graph, type Operation, type Output, type Session } from "@tfsaver/graph";
import { SaverDef } from "@tfsaver/proto/saver";
import {
  type BaseSaverBuilder,
  type BuildOptions,
  type HostSaveable,
  PlaceholderSaveable,
  saveablesOf,
} from "@tfsaver/saver-builders";
import type { CommitOptions } from "@tfsaver/storage";
import { type CheckpointAccess, havingKeys, type TakenValues } from "./checkpoint-access.js";
import { type RestoreTarget, storedForm } from "./restore-targets.js";

/** Options of {@link EagerAccess}. */
export interface EagerAccessOptions extends Omit<BuildOptions, "graph"> {
  readonly builder: BaseSaverBuilder;
  /** Opens a session over a graph. */
  readonly open: (graph: Graph) => Session;
  /** `copied` if the values may be written to while they are saved. */
  readonly ownership: "copied" | "given";
}

/** The graph of an eager saver, with a placeholder for every tensor. */
interface Machinery {
  readonly session: Session;
  readonly saveables: readonly PlaceholderSaveable[];
  readonly filename: Output;
  readonly saveTensor: Output;
}

/**
 * Saves and restores values that are in no graph: feeds them to, and fetches them from, operations in a graph that only the
 * saver sees.
 */
export class EagerAccess implements CheckpointAccess {
  readonly saverDef: SaverDef;
  #machinery: Machinery | undefined;

  /** @param hosts - the values, by the names to save them under */
  constructor(
    readonly hosts: ReadonlyMap<string, HostSaveable>,
    private readonly options: EagerAccessOptions,
    private readonly keys?: ReadonlyMap<string, string>,
  ) {
    const { maxToKeep = 5, keepCheckpointEveryNHours = 10000, builder } = options;
    this.saverDef = SaverDef.create({
      maxToKeep: maxToKeep ?? 0,
      keepCheckpointEveryNHours: Math.fround(keepCheckpointEveryNHours ?? 0),
      version: builder.writeVersion,
    });
  }

  saveables(): readonly PlaceholderSaveable[] {
    return this.#ready().saveables;
  }

  take(): TakenValues {
    const { ownership } = this.options;
    const feeds = Promise.all(this.#ready().saveables.map((saveable) => saveable.feeds(ownership)));
    return {
      ready: feeds.then(() => undefined),
      save: async (path, options) => this.#save((await feeds).flat(), path, options),
    };
  }

  async #save(
    values: readonly (readonly [Output, Tensor])[],
    path: string,
    options: OperationOptions & CommitOptions,
  ): Promise<string> {
    const { session, filename, saveTensor } = this.#ready();
    const prefix = await session.run(
      saveTensor,
      new Map<Output, Tensor | string>([...values, [filename, path]]),
      options,
    );
    const saved = new TextDecoder().decode(tensorStrings(prefix)[0]);
    Object.assign(this.saverDef, { filenameTensorName: path, saveTensorName: saved, restoreOpName: "" });
    return saved;
  }

  async restore(_session: Session | null, path: string, options: OperationOptions): Promise<void> {
    const { session, saveables, filename } = this.#ready();
    const outputs = saveables.flatMap(({ restored }) => restored);
    const tensors = await session.run(outputs, new Map([[filename, path]]), options);
    let at = 0;
    const given = saveables.map((saveable) => {
      const values = tensors.slice(at, at + saveable.specs.length);
      at += saveable.specs.length;
      return { saveable, values };
    });
    // All values are checked before the first one changes.
    for (const { saveable, values } of given) saveable.requireFitting(values);
    for (const { saveable, values } of given) await saveable.take(values);
    Object.assign(this.saverDef, { filenameTensorName: path, saveTensorName: "", restoreOpName: "" });
  }

  targets(): readonly RestoreTarget[] {
    return this.#ready().saveables.map(({ specs, restored }) => ({
      tensors: specs.map(({ name, sliceSpec, dtype, tensor }, i) => {
        const stored = storedForm(restored[i] as Output)?.dtype ?? dtype;
        const shape = sliceSpec === "" ? (tensor as Output).shape : parseShapeAndSlice(sliceSpec)?.shape;
        return { name, sliceSpec, dtype: stored, shape };
      }),
    }));
  }

  unsupported(): ReadonlyMap<RestoreTarget, Operation> {
    return new Map();
  }

  async restoreTargets(
    session: Session | null,
    path: string,
    _targets: readonly RestoreTarget[],
    keys: ReadonlyMap<string, string>,
    options: OperationOptions,
  ): Promise<void> {
    await this.withKeys(keys)?.restore(session, path, options);
  }

  withKeys(keys: ReadonlyMap<string, string>): EagerAccess | undefined {
    const wanted = new Set(havingKeys(this.saveables(), keys).map(({ source }) => source));
    const hosts = new Map([...this.hosts].filter(([, host]) => wanted.has(host)));
    // The same builder, so that values are read in the form in which it stores them.
    return hosts.size === 0 ? undefined : new EagerAccess(hosts, this.options, keys);
  }

  #ready(): Machinery {
    this.#machinery ??= this.#build();
    return this.#machinery;
  }

  #build(): Machinery {
    if (this.hosts.size === 0) throw new ValueError("No variables to save");
    const graph = new Graph();
    const { builder, open, ...buildOptions } = this.options;
    const saveables = new Map<string, PlaceholderSaveable>();
    for (const [name, host] of this.hosts) {
      const specs = host.specs(name).map((spec) => ({ ...spec, name: this.keys?.get(spec.name) ?? spec.name }));
      saveables.set(name, new PlaceholderSaveable(host, specs, name, graph));
    }
    const { filenameTensorName, saveTensorName } = builder.build(saveables, { ...buildOptions, graph });
    return {
      session: open(graph),
      saveables: saveablesOf(saveables) as PlaceholderSaveable[],
      filename: graph.output(filenameTensorName),
      saveTensor: graph.output(saveTensorName),
    };
  }
}
