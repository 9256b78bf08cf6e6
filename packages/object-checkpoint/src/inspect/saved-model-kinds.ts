import { isCheckpointError } from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";
import { basename, dirname, joinPath, readFile, type Storage } from "@tfsaver/storage";
import type { StoredGraph } from "../restore/stored-graph.js";

/** Limit of a saved_model.pb in bytes: kinds are only hints. */
const MAX_BYTES = 64 << 20;

/** Kinds by the field of `SavedObject` that an object has. A user object has an identifier instead. */
const KINDS: Readonly<Record<number, string>> = {
  5: "asset",
  6: "function",
  7: "variable",
  8: "concrete function",
  9: "constant",
  10: "resource",
  12: "captured tensor",
};
const USER_OBJECT = 4;

/** An object of a SavedModel. */
interface SavedObject {
  readonly kind: string | undefined;
  readonly children: ReadonlyMap<string, number>;
}

/**
 * Finds the kinds of the objects of a SavedModel's checkpoint. They are in the saved_model.pb beside its folder, whose objects
 * have other numbers, so they are found by the names of edges. Empty if there is no such file, or it can't be understood.
 */
export async function kindsOf(prefix: string, graph: StoredGraph, storage: Storage): Promise<Map<number, string>> {
  const kinds = new Map<number, string>();
  const folder = dirname(prefix);
  if (basename(prefix) !== "variables" || basename(folder) !== "variables") return kinds;
  const objects = await savedObjects(joinPath(dirname(folder), "saved_model.pb"), storage);
  if (objects[0] === undefined) return kinds;
  const queue: [stored: number, saved: SavedObject][] = [[0, objects[0]]];
  const seen = new Set([0]);
  // The loop visits objects that are added while it runs.
  for (const [id, { kind, children }] of queue) {
    if (kind !== undefined) kinds.set(id, kind);
    for (const { localName, nodeId } of graph.node(id).children) {
      const child = objects[children.get(localName) ?? -1];
      if (child === undefined || seen.has(nodeId)) continue;
      seen.add(nodeId);
      queue.push([nodeId, child]);
    }
  }
  return kinds;
}

/** Reads the objects of a saved_model.pb. Only a few fields of it are needed, so it is not decoded as a whole. */
async function savedObjects(path: string, storage: Storage): Promise<readonly SavedObject[]> {
  const stat = await storage.stat(path);
  if (stat?.kind !== "file" || stat.size > MAX_BYTES) return [];
  try {
    const metaGraph = field(await readFile(storage, path), 2);
    const objectGraph = metaGraph && field(metaGraph, 7);
    if (objectGraph === undefined) return [];
    return fields(objectGraph).flatMap(({ number, bytes }) => (number === 1 ? [savedObject(bytes)] : []));
  } catch (error) {
    if (isCheckpointError(error, "DataLossError")) return [];
    throw error;
  }
}

function savedObject(bytes: Uint8Array): SavedObject {
  const children = new Map<string, number>();
  let kind: string | undefined;
  for (const { number, bytes: value } of fields(bytes)) {
    if (number === 1) {
      const name = field(value, 2);
      children.set(name === undefined ? "" : textOf(name), numberField(value, 1));
    } else if (number === USER_OBJECT) kind = textOf(field(value, 1) ?? new Uint8Array()) || undefined;
    else kind = KINDS[number] ?? kind;
  }
  return { kind, children };
}

/** Returns the fields of a message that have a length: texts and messages. */
function fields(message: Uint8Array): { readonly number: number; readonly bytes: Uint8Array }[] {
  const reader = new VarintReader(message);
  const found: { number: number; bytes: Uint8Array }[] = [];
  while (reader.offset < message.length) {
    const tag = reader.next();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire !== 2) {
      reader.skipField(wire);
      continue;
    }
    const size = reader.next();
    found.push({ number, bytes: message.subarray(reader.offset, reader.offset + size) });
    reader.offset += size;
  }
  return found;
}

function field(message: Uint8Array, number: number): Uint8Array | undefined {
  return fields(message).find((one) => one.number === number)?.bytes;
}

/** Returns a number of a message; 0 if it is missing. */
function numberField(message: Uint8Array, number: number): number {
  const reader = new VarintReader(message);
  while (reader.offset < message.length) {
    const tag = reader.next();
    if (tag === number * 8) return reader.next();
    reader.skipField(tag % 8);
  }
  return 0;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
