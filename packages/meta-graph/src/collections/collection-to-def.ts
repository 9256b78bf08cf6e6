import { type WarningListener, warnOnConsole } from "@tfsaver/core";
import { type Graph, stripNameScope, Variable } from "@tfsaver/graph";
import { VariableDef } from "@tfsaver/proto/graph";
import {
  type CollectionDef,
  CollectionDef_AnyList,
  CollectionDef_BytesList,
  CollectionDef_FloatList,
  CollectionDef_Int64List,
  CollectionDef_NodeList,
} from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { type ExportFilter, isExported } from "../export/export-filter.js";
import { stripSaverDef } from "../saver-defs.js";
import { AnyMessage } from "./any-message.js";
import { SAVERS, VARIABLE_COLLECTIONS } from "./collection-keys.js";
import { messagesOf } from "./collection-messages.js";
import { SERIALIZED_COLLECTIONS, type SerializedKind } from "./serialized-collections.js";

const utf8 = new TextEncoder();

/** Encodes variables, each once: most of them are in two collections. */
export class VariableMessages {
  readonly #known = new Map<Variable, Uint8Array>();

  constructor(private readonly exportScope: string) {}

  /** @throws `TypeError` if the value is not a variable. */
  bytes(value: unknown): Uint8Array {
    if (!(value instanceof Variable)) throw new TypeError(`${describe(value)} is not a Variable`);
    const bytes = this.#known.get(value) ?? VariableDef.encode(value.toProto(this.exportScope));
    this.#known.set(value, bytes);
    return bytes;
  }
}

/** Options of {@link collectionToDef}. */
export interface CollectionToDefOptions {
  /** Values to export instead of those of the graph's collection. */
  readonly values?: readonly unknown[] | undefined;
  /** Export only values whose names begin with this prefix, and remove it. Default: everything. */
  readonly exportScope?: string | undefined;
  /** Names of nodes to leave out. Default: none. */
  readonly excluded?: ReadonlySet<string> | undefined;
  /** Called if the collection can't be written. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/**
 * Converts a collection of a graph to a message (`add_collection_def`). Returns `undefined` if there are no values, and also,
 * with a warning, if they can't be written. The first value decides the kind: text and bytes become a `bytes_list`, bigints
 * an `int64_list`, numbers a `float_list`, {@link AnyMessage} an `any_list`, and objects with a name, such as operations, a
 * `node_list`. Variables, savers, and what {@link registerCollectionMessages} registered become serialized messages in a
 * `bytes_list`.
 *
 * @example
 * ```ts
 * import { constant, Graph } from "@tfsaver/graph";
 * import { collectionToDef } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * graph.addToCollection("outputs", constant(1, { graph, name: "one" }));
 * console.log(collectionToDef(graph, "outputs")?.nodeList?.value); // [ "one:0" ]
 * ```
 */
export function collectionToDef(
  graph: Graph,
  key: string,
  options: CollectionToDefOptions = {},
): CollectionDef | undefined {
  const { values = graph.collection(key), exportScope = "", excluded = new Set() } = options;
  const filter = { exportScope, excluded };
  const context = { graph, filter, variables: new VariableMessages(exportScope) };
  return defOf(key, values, { ...context, onWarning: options.onWarning ?? warnOnConsole });
}

/** State that the collections of one export share. */
export interface CollectionContext {
  readonly graph: Graph;
  readonly filter: ExportFilter;
  readonly variables: VariableMessages;
  readonly onWarning: WarningListener;
}

/** Converts values of a collection to a message: see {@link collectionToDef}. */
export function defOf(
  key: string,
  values: readonly unknown[],
  { graph, filter, variables, onWarning }: CollectionContext,
): CollectionDef | undefined {
  try {
    const serialized = SERIALIZED_COLLECTIONS.get(key);
    if (serialized !== undefined && values.every((value) => value instanceof Uint8Array)) {
      const exported = values.filter((value) => isExported({ name: serialized.nameOf(value) }, filter));
      return filled(exported, () => bytesDef(exported.map((value) => unscoped(value, serialized, filter))));
    }
    const exported = values.filter((value) => isExported(value, filter));
    return filled(exported, () => {
      if (VARIABLE_COLLECTIONS.has(key)) return bytesDef(exported.map((value) => variables.bytes(value)));
      if (key === SAVERS) return saversDef(exported, filter);
      const messages = messagesOf(graph, key);
      if (messages !== undefined) {
        return bytesDef(exported.flatMap((value) => messages.toBytes(value, filter.exportScope) ?? []));
      }
      return genericDef(exported, filter);
    });
  } catch (error) {
    onWarning(`Issue encountered when serializing ${key}. It is left out. ${(error as Error).message}`);
    return undefined;
  }
}

function filled(values: readonly unknown[], make: () => CollectionDef): CollectionDef | undefined {
  return values.length === 0 ? undefined : make();
}

function unscoped(value: Uint8Array, kind: SerializedKind, { exportScope }: ExportFilter): Uint8Array {
  // TensorFlow leaves the names in nested contexts as they are.
  return exportScope === "" ? value : kind.rename(value, (name) => stripNameScope(name, exportScope), false);
}

function bytesDef(value: Uint8Array[]): CollectionDef {
  return { bytesList: CollectionDef_BytesList.create({ value }) };
}

/** Savers without a message or of another scope are left out. If none is left, the collection has no kind. */
function saversDef(values: readonly unknown[], { exportScope }: ExportFilter): CollectionDef {
  const defs = values.map((value) => (hasSaverDef(value) ? value.asSaverDef() : (value as SaverDef)));
  const bytes = defs.flatMap((def, index) => {
    if (def === undefined) return [];
    if (typeof def?.saveTensorName !== "string") throw new TypeError(`${describe(values[index])} is not a Saver`);
    const stripped = stripSaverDef(def, exportScope);
    return stripped === undefined ? [] : [SaverDef.encode(stripped)];
  });
  return bytes.length === 0 ? {} : bytesDef(bytes);
}

function hasSaverDef(value: unknown): value is { asSaverDef(): SaverDef | undefined } {
  return typeof value === "object" && value !== null && "asSaverDef" in value;
}

function genericDef(values: readonly unknown[], { exportScope }: ExportFilter): CollectionDef {
  const [first] = values;
  const each = <T>(convert: (value: unknown) => T | undefined): T[] =>
    values.map((value) => {
      const converted = convert(value);
      if (converted === undefined) {
        throw new TypeError(`${describe(value)} can't be in a collection that begins with ${describe(first)}`);
      }
      return converted;
    });
  if (typeof first === "string" || first instanceof Uint8Array) {
    return bytesDef(
      each((value) => {
        if (value instanceof Uint8Array) return value;
        return typeof value === "string" ? utf8.encode(value) : undefined;
      }),
    );
  }
  if (typeof first === "bigint") {
    const value = each((item) => (typeof item === "bigint" && item === BigInt.asIntN(64, item) ? item : undefined));
    return { int64List: CollectionDef_Int64List.create({ value }) };
  }
  if (typeof first === "number") {
    const value = each((item) => (["number", "bigint", "boolean"].includes(typeof item) ? Number(item) : undefined));
    return { floatList: CollectionDef_FloatList.create({ value }) };
  }
  if (first instanceof AnyMessage) {
    const value = each((item) => (item instanceof AnyMessage ? item.bytes : undefined));
    return { anyList: CollectionDef_AnyList.create({ value }) };
  }
  const value = each((item) => (isNamed(item) ? stripNameScope(item.name, exportScope) : undefined));
  return { nodeList: CollectionDef_NodeList.create({ value }) };
}

/** True for any object with a name, as in TensorFlow: partitioned variables and saveables too. */
function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

function describe(value: unknown): string {
  if (isNamed(value)) return value.name;
  return typeof value === "object" && value !== null
    ? (value.constructor?.name ?? "object")
    : `${typeof value} ${value}`;
}
