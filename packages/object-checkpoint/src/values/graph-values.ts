import { OBJECT_GRAPH_KEY } from "@tfsaver/checkpoint-reader";
import { bytesEqual, type OperationOptions, type Tensor, tensorStrings, toTensor } from "@tfsaver/core";
import { type Graph, group, type Operation, type Output, placeholder, type Session } from "@tfsaver/graph";
import { HostVariable, PlaceholderSaveable, restoreV2, type SaveableObject } from "@tfsaver/saver-builders";
import { type HostValue, isHostValue, type SavedValue } from "../objects/saved-attributes.js";
import { SaveOpsBuilder } from "./save-ops-builder.js";
import type { TakenValues } from "./taken-values.js";

/** Operations that save the values of one object graph. */
interface SaveOps {
  readonly objectGraph: Uint8Array;
  readonly values: readonly SavedValue[];
  readonly filename: Output;
  readonly saved: Output;
  readonly isSharded: boolean;
  /** What is fed: values that are in no graph. */
  readonly fed: readonly PlaceholderSaveable[];
}

/** Saves and restores values through the operations of a graph, which are added when they are first needed. */
export class GraphValues {
  #save: SaveOps | undefined;
  #filename: Output | undefined;
  readonly #restores = new Map<string, Operation>();
  readonly #ids = new WeakMap<SaveableObject, number>();
  #lastId = 0;

  constructor(private readonly graph: Graph) {}

  /**
   * Takes the values of this moment. The operations are kept while the object graph stays the same.
   *
   * @param values - what is saved, in order; those in no graph are fed
   */
  take(values: readonly SavedValue[], objectGraph: Uint8Array, session: Session): TakenValues {
    const ops = this.#saveOps(values, objectGraph);
    const snapshot = session.snapshot?.();
    const feeds = Promise.all(ops.fed.map((saveable) => saveable.feeds("copied")));
    feeds.catch(() => undefined);
    return {
      isSharded: ops.isSharded,
      isBySession: true,
      ready: feeds,
      write: async (prefix, options) => {
        const fed = new Map<Output, Tensor | string>([...(await feeds).flat(), [ops.filename, prefix]]);
        const saved = await (snapshot ?? session).run(ops.saved, fed, { ...options, confine: { writes: prefix } });
        return new TextDecoder().decode(tensorStrings(saved)[0]);
      },
      release: () => snapshot?.close(),
    };
  }

  /** Reads values of a checkpoint and assigns them, all of them or none. Adds no operations if the same were read before. */
  async restore(
    session: Session,
    prefix: string,
    saveables: readonly SaveableObject[],
    options: OperationOptions,
  ): Promise<void> {
    const { graph } = this;
    const filename = graph.withoutScopes(() => {
      this.#filename ??= graph.withNameScope("restore_objects", () =>
        placeholder("string", { graph, shape: [], name: "filename" }),
      );
      return this.#filename;
    });
    const restore = graph.withoutScopes(() => this.#restoreOf(filename, saveables));
    await session.run(restore, new Map([[filename, prefix]]), { ...options, confine: {} });
  }

  #saveOps(values: readonly SavedValue[], objectGraph: Uint8Array): SaveOps {
    const known = this.#save;
    if (known !== undefined && bytesEqual(known.objectGraph, objectGraph) && areSame(known.values, values))
      return known;
    const { graph } = this;
    return graph.withoutScopes(() => {
      const graphTensor = new HostVariable(toTensor(objectGraph, "string", []), { name: OBJECT_GRAPH_KEY });
      const last: HostValue = { host: graphTensor, specs: graphTensor.specs(OBJECT_GRAPH_KEY) };
      const saveables = graph.withNameScope("save_objects", () =>
        [...values, last].map((value) =>
          isHostValue(value) ? new PlaceholderSaveable(value.host, value.specs, value.host.name, graph) : value,
        ),
      );
      const fed = saveables.filter((saveable) => saveable instanceof PlaceholderSaveable);
      this.#save = { objectGraph, values, fed, ...new SaveOpsBuilder().buildSave(graph, saveables) };
      return this.#save;
    });
  }

  #restoreOf(filename: Output, saveables: readonly SaveableObject[]): Operation {
    const id = saveables.map((saveable) => this.#idOf(saveable)).join();
    const known = this.#restores.get(id);
    if (known !== undefined) return known;
    const { graph } = this;
    const restore = graph.withNameScope("restore_objects", () => {
      const specs = saveables.flatMap((saveable) => saveable.specs);
      const what = { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
      const dtypes = specs.map(({ dtype }) => dtype);
      const tensors = graph.withDevice("cpu:0", () => restoreV2(filename, what, dtypes));
      let at = 0;
      const done = saveables.map((saveable) => {
        const restored = tensors.slice(at, at + saveable.specs.length);
        at += saveable.specs.length;
        return saveable.restore(restored, undefined);
      });
      return group(done, { graph, name: "restore_all" });
    });
    this.#restores.set(id, restore);
    return restore;
  }

  #idOf(saveable: SaveableObject): number {
    const id = this.#ids.get(saveable) ?? ++this.#lastId;
    this.#ids.set(saveable, id);
    return id;
  }
}

/** True if two lists hold the same saveables, and values of the same hosts with the same dtypes and shapes. */
function areSame(some: readonly SavedValue[], others: readonly SavedValue[]): boolean {
  return some.length === others.length && some.every((value, i) => isSame(value, others[i] as SavedValue));
}

function isSame(value: SavedValue, other: SavedValue): boolean {
  if (!isHostValue(value) || !isHostValue(other)) return value === other;
  const textOf = ({ specs }: HostValue) => JSON.stringify(specs.map(({ name, dtype, shape }) => [name, dtype, shape]));
  return value.host === other.host && textOf(value) === textOf(other);
}
