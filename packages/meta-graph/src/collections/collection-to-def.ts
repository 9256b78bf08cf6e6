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

/** The descriptions of variables, most of which are in two collections, as they are exported from a scope. */
export class VariableMessages {
  readonly #known = new Map<Variable, Uint8Array>();

  constructor(private readonly exportScope: string) {}

  /** @throws `TypeError` for what is no variable. */
  bytes(value: unknown): Uint8Array {
    if (!(value instanceof Variable)) throw new TypeError(`${describe(value)} is not a Variable`);
    const bytes = this.#known.get(value) ?? VariableDef.encode(value.toProto(this.exportScope));
    this.#known.set(value, bytes);
    return bytes;
  }
}

/**
 * What of a collection is exported, as a message (`tf.compat.v1.train.add_collection_def`); `undefined` if nothing is, or
 * if its values can't be written, which is warned of. The first value decides the kind: text and bytes become
 * `bytes_list`, bigints `int64_list`, numbers `float_list`, {@link AnyMessage} `any_list`, and what has a name, such as
 * an operation, `node_list`.
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

/** Savers of nothing, and of another scope, have no message; if there are only such, the collection is of no kind. */
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
      if (converted === undefined)
        throw new TypeError(`${describe(value)} can't be in a collection that begins with ${describe(first)}`);
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

/** TensorFlow takes whatever has a name: variables in parts and saveables too. */
function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

function describe(value: unknown): string {
  if (isNamed(value)) return value.name;
  return typeof value === "object" && value !== null
    ? (value.constructor?.name ?? "object")
    : `${typeof value} ${value}`;
}
