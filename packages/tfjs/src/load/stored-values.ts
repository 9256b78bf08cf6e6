import type { TrackableObjectGraph_TrackableObject as StoredObject } from "@tfsaver/checkpoint-proto/object-graph";
import { type CheckpointReader, OBJECT_GRAPH_KEY, readObjectGraph, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { pathOfKey } from "@tfsaver/checkpoint-reader/object-path";
import { DataLossError } from "@tfsaver/core";
import { VARIABLE_VALUE } from "@tfsaver/saver-builders";
import type { CallOptions } from "@tfsaver/storage";

/** The edge to what Keras exports a second time. */
const EXPORTED_TWICE = "_all_variables";

/** What a checkpoint holds, by keys and names. */
export interface StoredValues {
  /** Facts about the tensors, by their keys, without the object graph. */
  readonly infos: ReadonlyMap<string, TensorInfo>;
  /** The objects of an object-based checkpoint. Empty for a name-based one. */
  readonly objects: readonly StoredObject[];
  /** The keys, by the paths of their objects. */
  readonly keysByPath: ReadonlyMap<string, string>;
  /** The keys, by the names of variables. Several keys if a name is not unique. */
  readonly keysByName: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Reads what a checkpoint holds, without its values.
 *
 * @throws `DataLossError` if a reference of the object graph leads to an object that is not there.
 */
export async function readStored(reader: CheckpointReader, options: CallOptions): Promise<StoredValues> {
  const infos = new Map<string, TensorInfo>();
  for await (const info of reader.tensors(options)) if (info.name !== OBJECT_GRAPH_KEY) infos.set(info.name, info);
  const objects = (await readObjectGraph(reader, options))?.nodes ?? [];
  requireReferences(objects, reader.prefix);
  const twice = objects.flatMap(({ children }) => children.filter(({ localName }) => localName === EXPORTED_TWICE));
  const copies = new Set(twice.flatMap(({ nodeId }) => objects[nodeId]?.children.map((child) => child.nodeId) ?? []));
  const keysByName = new Map<string, Set<string>>();
  for (const [id, object] of objects.entries()) {
    const key = keyOf(object);
    const name = object.attributes[0]?.fullName;
    if (key === undefined || !name || copies.has(id)) continue;
    keysByName.set(name, (keysByName.get(name) ?? new Set()).add(key));
  }
  if (objects.length === 0) for (const key of infos.keys()) keysByName.set(key.replace(/:0$/, ""), new Set([key]));
  const keysByPath = new Map([...infos.keys()].map((key) => [pathOfKey(key), key]));
  return { infos, objects, keysByPath, keysByName };
}

/** Returns the key of a variable's value; undefined for other objects. */
export function keyOf({ attributes }: StoredObject): string | undefined {
  return attributes.find(({ name }) => name === VARIABLE_VALUE)?.checkpointKey;
}

/** Returns the key that a name means: a key, the path of an object as `tfckpt ls --objects` prints it, or a variable's name. */
export function keyNamed(name: string, { infos, keysByPath, keysByName }: StoredValues): string | undefined {
  if (infos.has(name)) return name;
  const ofPath = keysByPath.get(name);
  if (ofPath !== undefined) return ofPath;
  const [key, ...others] = keysByName.get(name) ?? [];
  return others.length === 0 ? key : undefined;
}

function requireReferences(objects: readonly StoredObject[], path: string): void {
  for (const [id, { children }] of objects.entries()) {
    for (const { localName, nodeId } of children) {
      if (objects[nodeId] !== undefined) continue;
      throw new DataLossError(
        `${path}: ${OBJECT_GRAPH_KEY} is damaged: the child '${localName.slice(0, 100)}' of object ${id} is object ${nodeId}, but ` +
          `there are only ${objects.length}. No weight was changed.`,
        { path, tensor: OBJECT_GRAPH_KEY },
      );
    }
  }
}
