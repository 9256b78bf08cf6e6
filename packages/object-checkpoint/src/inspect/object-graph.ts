import type { TrackableObjectGraph_TrackableObject_SerializedTensor as Attribute } from "@tfsaver/checkpoint-proto/object-graph";
import { OBJECT_GRAPH_KEY, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { type DType, requireString, type Shape, ValueError } from "@tfsaver/core";
import { VARIABLE_VALUE } from "@tfsaver/saver-builders";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { prefixOrSavedModel } from "../restore/find-checkpoint.js";
import { StoredGraph } from "../restore/stored-graph.js";
import { kindsOf } from "./saved-model-kinds.js";

/** Options of {@link objectGraph}. */
export interface ObjectGraphOptions extends CallOptions {
  /** Where the checkpoint is. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** A tensor of an object. */
export interface ObjectTensor {
  /** Name of the attribute, such as `VARIABLE_VALUE`. */
  readonly attribute: string;
  /** Name under which a name-based saver would save it; empty if it has none. */
  readonly fullName: string;
  /** Name in the checkpoint. */
  readonly key: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An object of a checkpoint. Objects that several edges lead to are the same here too, so the graph may have circles. */
export interface CheckpointObject {
  /** Position in the checkpoint, from 0 for the root. */
  readonly id: number;
  /** Shortest path from the root, such as `(root).model.kernel`. */
  readonly path: string;
  /**
   * Kind of the object, if a SavedModel says it: `variable`, `function`, `constant`, …, or an identifier such as
   * `trackable_list_wrapper`.
   */
  readonly kind: string | undefined;
  /** True if the object or one below it has values. */
  readonly hasValues: boolean;
  readonly tensors: readonly ObjectTensor[];
  /** The objects below this one, by the names of edges. */
  readonly children: ReadonlyMap<string, CheckpointObject>;
  /** The slot variables of an optimizer. */
  readonly slots: readonly {
    readonly name: string;
    readonly variable: CheckpointObject;
    readonly value: CheckpointObject;
  }[];
}

/**
 * Reads the graph of objects that a checkpoint was saved from.
 *
 * @param path - a prefix, a file of a checkpoint, or the folder of a SavedModel, which also tells the kinds of objects
 * @returns the root
 * @throws `ValueError` if the checkpoint is not object-based; `DataLossError` if the graph is damaged; as `openCheckpoint`.
 *
 * @example
 * ```ts
 * import { objectGraph } from "@tfsaver/object-checkpoint";
 *
 * const root = await objectGraph("fixtures/goldens/object-based/ckpt-1");
 * for (const [name, { tensors }] of root.children) console.log(name, tensors.map(({ key }) => key));
 * ```
 */
export async function objectGraph(path: string, options: ObjectGraphOptions = {}): Promise<CheckpointObject> {
  requireString(path, "path");
  const { storage = defaultStorage(), signal } = options;
  const prefix = await prefixOrSavedModel(path, storage);
  const reader = await openCheckpoint(prefix, { storage, signal });
  try {
    const graph = await StoredGraph.read(reader, { signal });
    if (graph === undefined) {
      throw new ValueError(
        `The specified checkpoint "${prefix}" does not appear to be object-based (saved with TF2) since it is missing the ` +
          `key "${OBJECT_GRAPH_KEY}". Likely it was created with the TF1 name-based saver and does not contain an object ` +
          "dependency graph.",
        { path: prefix, tensor: OBJECT_GRAPH_KEY },
      );
    }
    const kinds = await kindsOf(prefix, graph, storage);
    const keys = graph.nodes.flatMap(({ attributes }) => attributes.flatMap(keysOf));
    const infos = await reader.infos(keys, { signal });
    return new StoredObjects(graph, kinds, new Map(keys.map((key, i) => [key, infos[i]]))).at(0);
  } finally {
    await reader.close();
  }
}

/** Returns the keys of the tensors that an attribute may have. Those of a table have names of their own, behind its key. */
function keysOf({ name, checkpointKey: key }: Attribute): string[] {
  return name === VARIABLE_VALUE ? [key] : [key, `${key}-keys`, `${key}-values`];
}

/** The objects of a checkpoint, each made when it is first looked at. */
class StoredObjects {
  readonly #objects = new Map<number, StoredObject>();

  constructor(
    readonly graph: StoredGraph,
    readonly kinds: ReadonlyMap<number, string>,
    readonly infos: ReadonlyMap<string, TensorInfo | undefined>,
  ) {}

  at(id: number): StoredObject {
    const object = this.#objects.get(id) ?? new StoredObject(id, this);
    this.#objects.set(id, object);
    return object;
  }
}

class StoredObject implements CheckpointObject {
  #children: ReadonlyMap<string, CheckpointObject> | undefined;

  constructor(
    readonly id: number,
    private readonly all: StoredObjects,
  ) {}

  get path(): string {
    return this.all.graph.nameOf(this.id);
  }

  get kind(): string | undefined {
    return this.all.kinds.get(this.id);
  }

  get hasValues(): boolean {
    return this.all.graph.hasValues(this.id);
  }

  get tensors(): readonly ObjectTensor[] {
    return this.all.graph.node(this.id).attributes.flatMap((attribute) =>
      keysOf(attribute).flatMap((key) => {
        const info = this.all.infos.get(key);
        if (info === undefined) return [];
        const { dtype, shape } = info;
        return [{ attribute: attribute.name, fullName: attribute.fullName, key, dtype, shape }];
      }),
    );
  }

  get children(): ReadonlyMap<string, CheckpointObject> {
    const { children } = this.all.graph.node(this.id);
    this.#children ??= new Map(children.map(({ localName, nodeId }) => [localName, this.all.at(nodeId)]));
    return this.#children;
  }

  get slots(): CheckpointObject["slots"] {
    return this.all.graph.node(this.id).slotVariables.map((slot) => ({
      name: slot.slotName,
      variable: this.all.at(slot.originalVariableNodeId),
      value: this.all.at(slot.slotVariableNodeId),
    }));
  }
}
