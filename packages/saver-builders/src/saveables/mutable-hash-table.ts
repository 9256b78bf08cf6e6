import { type DType, type TensorLike, toTensor } from "@tfsaver/core";
import { attr, constant, type Graph, GraphKeys, type Operation, Output, resolveGraph } from "@tfsaver/graph";
import { type SaveableFactory, type Trackable, VARIABLE_VALUE } from "../var-list/var-list.js";
import { SaveableObject, specOf } from "./saveable-object.js";

/** Options of {@link MutableHashTable.create}. */
export interface MutableHashTableOptions {
  /** Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Name in a checkpoint. The name of its operation is made unique. Default: `MutableHashTable`. */
  readonly name?: string | undefined;
  /** Dtype of the keys: `string`, `int64` or `int32`. */
  readonly keyDtype: DType;
  /**
   * Dtype of the values: any but complex ones. TensorFlow 2.21 itself runs tables with string keys and int32, int64,
   * float32, float64 or bool values; int64 keys and string, int32, int64, float32 or float64 values; int32 keys and int32,
   * float32 or float64 values.
   */
  readonly valueDtype: DType;
  /** The value of keys that are not in the table: a scalar. */
  readonly defaultValue: TensorLike;
  /** Join `GraphKeys.SAVEABLE_OBJECTS`, so that savers without a list save the table too. Default: true. */
  readonly checkpoint?: boolean | undefined;
}

/**
 * A table with one value per key, such as a vocabulary (`tf.lookup.experimental.MutableHashTable`). Like a variable, it
 * lives in the session. A saver saves it as two tensors, `name-keys` and `name-values`; in a saver's dictionary, the
 * dictionary's key replaces the name; in a list, where TensorFlow passes no name, they are `-keys` and `-values`.
 *
 * @example
 * ```ts
 * import { Graph } from "@tfsaver/graph";
 * import { MutableHashTable } from "@tfsaver/saver-builders";
 *
 * const graph = new Graph();
 * const words = MutableHashTable.create({ graph, keyDtype: "string", valueDtype: "int64", defaultValue: -1 });
 * const insert = words.insert(["the", "of"], [0, 1]);
 * console.log(insert.type, words.lookup(["of"]).dtype); // LookupTableInsertV2 int64
 * ```
 */
export class MutableHashTable implements Trackable {
  private constructor(
    /** The resource handle. */
    readonly handle: Output,
    /** The name that was asked for, before it was made unique. */
    readonly givenName: string,
    readonly keyDtype: DType,
    readonly valueDtype: DType,
    private readonly defaultValue: Output,
  ) {}

  /**
   * Adds a table to a graph. It is empty in a new session.
   *
   * @throws `InvalidArgumentError` if the default value can't be converted to the dtype of the values.
   */
  static create(options: MutableHashTableOptions): MutableHashTable {
    const graph = resolveGraph(options.graph);
    const { name = "MutableHashTable", keyDtype, valueDtype, checkpoint = true } = options;
    const defaultValue = constant(toTensor(options.defaultValue, valueDtype, []), { graph });
    const { outputs } = graph.createOperation("MutableHashTableV2", {
      name,
      attrs: {
        key_dtype: attr.type(keyDtype),
        value_dtype: attr.type(valueDtype),
        use_node_name_sharing: attr.bool(checkpoint),
      },
    });
    const table = new MutableHashTable(outputs[0] as Output, name, keyDtype, valueDtype, defaultValue);
    if (checkpoint) graph.addToCollection(GraphKeys.SAVEABLE_OBJECTS, new MutableHashTableSaveable(table, name));
    return table;
  }

  /** The last part of the name of its operation. */
  get name(): string {
    return this.handle.op.name.slice(this.handle.op.name.lastIndexOf("/") + 1);
  }

  get graph(): Graph {
    return this.handle.graph;
  }

  /** Adds the operation that sets the values of `keys`, replacing existing ones. Both have the same shape. */
  insert(keys: TensorLike | Output, values: TensorLike | Output): Operation {
    return this.#inScope("_lookup_table_insert", () => {
      const inputs = [this.#asOutput(keys, this.keyDtype, "keys"), this.#asOutput(values, this.valueDtype, "values")];
      return this.#operation("LookupTableInsertV2", inputs);
    });
  }

  /** Adds the operation that looks up the values of `keys`, in their shape. Missing keys give the default value. */
  lookup(keys: TensorLike | Output): Output {
    return this.#inScope("_lookup_table_find", () => {
      const inputs = [this.#asOutput(keys, this.keyDtype, "keys"), this.defaultValue];
      return this.#operation("LookupTableFindV2", inputs).outputs[0] as Output;
    });
  }

  /** Adds the operation that counts the keys: an int64 scalar. */
  size(): Output {
    const size = () => this.graph.createOperation("LookupTableSizeV2", { inputs: [this.handle] });
    return this.#inScope("_Size", () => this.#colocated(size)).outputs[0] as Output;
  }

  /** Adds the operation that returns all keys and, in the same order, all values, as two vectors. */
  export(): { readonly keys: Output; readonly values: Output } {
    const attrs = { Tkeys: attr.type(this.keyDtype), Tvalues: attr.type(this.valueDtype) };
    const { outputs } = this.#inScope("_lookup_table_export_values", () =>
      this.#colocated(() => this.graph.createOperation("LookupTableExportV2", { inputs: [this.handle], attrs })),
    );
    return { keys: outputs[0] as Output, values: outputs[1] as Output };
  }

  /** Adds the operation that replaces the whole content of the table by two vectors of the same length. */
  restore(keys: Output, values: Output): Operation {
    return this.graph.withNameScope(`${this.givenName}_table_restore`, () =>
      this.#operation("LookupTableImportV2", [keys, values]),
    );
  }

  gatherSaveablesForCheckpoint(): Readonly<Record<string, SaveableFactory>> {
    return { [VARIABLE_VALUE]: (name = "") => new MutableHashTableSaveable(this, name) };
  }

  #inScope<T>(suffix: string, build: () => T): T {
    return this.graph.withNameScope(this.name + suffix, build);
  }

  #colocated<T>(build: () => T): T {
    return this.graph.withColocation(this.handle.op, build);
  }

  #operation(type: string, inputs: readonly Output[]): Operation {
    const attrs = { Tin: attr.type(this.keyDtype), Tout: attr.type(this.valueDtype) };
    return this.#colocated(() => this.graph.createOperation(type, { inputs: [this.handle, ...inputs], attrs }));
  }

  #asOutput(value: TensorLike | Output, dtype: DType, name: string): Output {
    return value instanceof Output ? value : constant(value, { graph: this.graph, dtype, name });
  }
}

/** Saves the keys and values of a table. Restoring replaces its whole content. */
class MutableHashTableSaveable extends SaveableObject {
  constructor(
    private readonly table: MutableHashTable,
    name: string,
  ) {
    const { keys, values } = table.export();
    super(table, [specOf(keys, "", `${name}-keys`), specOf(values, "", `${name}-values`)], name);
  }

  override restore([keys, values]: readonly Output[]): Operation {
    return this.table.restore(keys as Output, values as Output);
  }
}
