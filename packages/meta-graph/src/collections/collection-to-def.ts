import type { WarningListener } from "@tfsaver/core";
import { stripNameScope, Variable } from "@tfsaver/graph";
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

/**
 * Converts the exported values of a collection to a message (`tf.compat.v1.train.add_collection_def`). Returns `undefined`
 * if there are none, and also, with a warning, if they can't be written. The first value decides the kind: text and bytes
 * become a `bytes_list`, bigints an `int64_list`, numbers a `float_list`, {@link AnyMessage} an `any_list`, and objects
 * with a name, such as operations, a `node_list`.
 */
export function collectionToDef(
  key: string,
  values: readonly unknown[],
  filter: ExportFilter,
  variables: VariableMessages,
  onWarning: WarningListener,
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
