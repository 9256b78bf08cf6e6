import { NotFoundError, type WarningListener } from "@tfsaver/core";
import { type Graph, GraphKeys, type Operation, type Output, Variable } from "@tfsaver/graph";
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

/** A `google.protobuf.Any` of a collection: kept as its serialized bytes. */
export class AnyMessage {
  constructor(readonly bytes: Uint8Array) {}
}

const VARIABLE_COLLECTIONS: ReadonlySet<string> = new Set([
  GraphKeys.GLOBAL_VARIABLES,
  GraphKeys.TRAINABLE_VARIABLES,
  GraphKeys.LOCAL_VARIABLES,
  GraphKeys.MODEL_VARIABLES,
  GraphKeys.MOVING_AVERAGE_VARIABLES,
  GraphKeys.METRIC_VARIABLES,
  GraphKeys.GLOBAL_STEP,
]);

const utf8 = new TextEncoder();

/**
 * A collection as a message, or `undefined` if its values can't be written, which is warned of
 * (`tf.compat.v1.train.add_collection_def`). The first value decides the kind: text and bytes become `bytes_list`,
 * bigints `int64_list`, numbers `float_list`, {@link AnyMessage} `any_list`, and what has a place in the graph
 * `node_list`.
 */
export function collectionToDef(
  key: string,
  values: readonly unknown[],
  onWarning: WarningListener,
): CollectionDef | undefined {
  try {
    if (VARIABLE_COLLECTIONS.has(key)) return bytesDef(values.map(variableBytes));
    if (key === GraphKeys.SAVERS) return saversDef(values);
    return genericDef(values);
  } catch (error) {
    onWarning(`Issue encountered when serializing ${key}. It is left out. ${(error as Error).message}`);
    return undefined;
  }
}

function bytesDef(value: Uint8Array[]): CollectionDef {
  return { bytesList: CollectionDef_BytesList.create({ value }) };
}

function variableBytes(value: unknown): Uint8Array {
  if (!(value instanceof Variable)) throw new TypeError(`${describe(value)} is not a Variable`);
  return VariableDef.encode(value.toProto());
}

/** Savers of nothing have no message; if there are only such, the collection is of no kind. */
function saversDef(values: readonly unknown[]): CollectionDef {
  const defs = values.map((value) => (hasSaverDef(value) ? value.asSaverDef() : (value as SaverDef)));
  const bytes = defs.flatMap((def, index) => {
    if (def === undefined) return [];
    if (typeof def?.saveTensorName !== "string") throw new TypeError(`${describe(values[index])} is not a Saver`);
    return [SaverDef.encode(def)];
  });
  return bytes.length === 0 ? {} : bytesDef(bytes);
}

function hasSaverDef(value: unknown): value is { asSaverDef(): SaverDef | undefined } {
  return typeof value === "object" && value !== null && "asSaverDef" in value;
}

function genericDef(values: readonly unknown[]): CollectionDef {
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
  const value = each((item) => (isNamed(item) ? item.name : undefined));
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

/** Reads collections back. Equal variable descriptions give one and the same variable. */
export class CollectionReader {
  readonly #variables = new Map<string, Variable>();

  /** @param trainableByCollection - the file is older than the field that says whether a variable is trainable */
  constructor(
    private readonly graph: Graph,
    private readonly trainableByCollection: boolean,
  ) {}

  /**
   * The values of a collection; `undefined` if its message does not say of which kind they are.
   *
   * @throws `NotFoundError` if it names what the graph does not have.
   */
  read(key: string, def: CollectionDef): unknown[] | undefined {
    const { nodeList, bytesList, int64List, floatList, anyList } = def;
    if (bytesList !== undefined) {
      if (VARIABLE_COLLECTIONS.has(key)) return bytesList.value.map((bytes) => this.#variable(key, bytes));
      if (key === GraphKeys.SAVERS) return bytesList.value.map((bytes) => SaverDef.decode(bytes));
      return bytesList.value;
    }
    if (nodeList !== undefined) return nodeList.value.map((name) => this.#element(key, name));
    return int64List?.value ?? floatList?.value ?? anyList?.value.map((bytes) => new AnyMessage(bytes));
  }

  #variable(key: string, bytes: Uint8Array): Variable {
    const id = String(bytes);
    const known = this.#variables.get(id);
    if (known !== undefined) return known;
    const def = VariableDef.decode(bytes);
    if (this.trainableByCollection) def.trainable = key === GraphKeys.TRAINABLE_VARIABLES;
    const variable = Variable.fromProto(this.graph, def);
    this.#variables.set(id, variable);
    return variable;
  }

  #element(key: string, name: string): Operation | Output {
    try {
      return name.includes(":") ? this.graph.output(name) : this.graph.operation(name);
    } catch (cause) {
      throw new NotFoundError(`Collection '${key}' names '${name}', which is not in the graph`, { op: name, cause });
    }
  }
}
