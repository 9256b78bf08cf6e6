import { type DType, type TensorLike, toTensor } from "@tfsaver/core";
import { attr, constant, type Graph, GraphKeys, getDefaultGraph, type Operation, Output } from "@tfsaver/graph";
import { type SaveableFactory, type Trackable, VARIABLE_VALUE } from "../var-list/var-list.js";
import { SaveableObject, specOf } from "./saveable-object.js";

/** Options of {@link MutableHashTable.create}. */
export interface MutableHashTableOptions {
  /** Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Its name in a checkpoint; that of its operation is made unique. Default: `MutableHashTable`. */
  readonly name?: string | undefined;
  /** `string`, `int64` or `int32`. */
  readonly keyDtype: DType;
  /**
   * Any but complex ones. TensorFlow 2.21 itself runs tables of string keys to int32, int64, float32, float64 and bool, of
   * int64 keys to string, int32, int64, float32 and float64, and of int32 keys to int32, float32 and float64.
   */
  readonly valueDtype: DType;
  /** What a key has that is not in the table: a scalar. */
  readonly defaultValue: TensorLike;
  /** Whether savers that save everything save it: joins `GraphKeys.SAVEABLE_OBJECTS`. Default: true. */
  readonly checkpoint?: boolean | undefined;
}

/**
 * A table of one value per key, such as a vocabulary, that lives in the session beside the variables
 * (`tf.lookup.experimental.MutableHashTable`). A saver saves its keys and values as two tensors, `name-keys` and
 * `name-values`. In a dictionary of a saver they are `key-keys` and `key-values`; in a list, where TensorFlow gives the
 * table no name, `-keys` and `-values`.
 */
export class MutableHashTable implements Trackable {
  private constructor(
    /** The resource. */
    readonly handle: Output,
    /** What it was asked to be called. */
    readonly givenName: string,
    readonly keyDtype: DType,
    readonly valueDtype: DType,
    private readonly defaultValue: Output,
  ) {}

  /**
   * Adds a table to a graph, empty in every session.
   *
   * @throws `InvalidArgumentError` if the default value can't be of the values' dtype.
   */
  static create(options: MutableHashTableOptions): MutableHashTable {
    const { graph = getDefaultGraph(), name = "MutableHashTable", keyDtype, valueDtype, checkpoint = true } = options;
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

  /** Adds what puts `values` under `keys`, in place of values that are there already; both of one shape. */
  insert(keys: TensorLike | Output, values: TensorLike | Output): Operation {
    return this.#inScope("_lookup_table_insert", () => {
      const inputs = [this.#asOutput(keys, this.keyDtype, "keys"), this.#asOutput(values, this.valueDtype, "values")];
      return this.#operation("LookupTableInsertV2", inputs);
    });
  }

  /** Adds what gives the values of `keys`, in their shape; the default value for those that are not there. */
  lookup(keys: TensorLike | Output): Output {
    return this.#inScope("_lookup_table_find", () => {
      const inputs = [this.#asOutput(keys, this.keyDtype, "keys"), this.defaultValue];
      return this.#operation("LookupTableFindV2", inputs).outputs[0] as Output;
    });
  }

  /** Adds what gives the number of keys, an int64 scalar. */
  size(): Output {
    const size = () => this.graph.createOperation("LookupTableSizeV2", { inputs: [this.handle] });
    return this.#inScope("_Size", () => this.#beside(size)).outputs[0] as Output;
  }

  /** Adds what gives all keys and, in the same order, all values, two vectors. */
  export(): { readonly keys: Output; readonly values: Output } {
    const attrs = { Tkeys: attr.type(this.keyDtype), Tvalues: attr.type(this.valueDtype) };
    const { outputs } = this.#inScope("_lookup_table_export_values", () =>
      this.#beside(() => this.graph.createOperation("LookupTableExportV2", { inputs: [this.handle], attrs })),
    );
    return { keys: outputs[0] as Output, values: outputs[1] as Output };
  }

  /** Adds what replaces all that is in the table; two vectors of one length. */
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

  #beside<T>(build: () => T): T {
    return this.graph.withColocation(this.handle.op, build);
  }

  #operation(type: string, inputs: readonly Output[]): Operation {
    const attrs = { Tin: attr.type(this.keyDtype), Tout: attr.type(this.valueDtype) };
    return this.#beside(() => this.graph.createOperation(type, { inputs: [this.handle, ...inputs], attrs }));
  }

  #asOutput(value: TensorLike | Output, dtype: DType, name: string): Output {
    return value instanceof Output ? value : constant(value, { graph: this.graph, dtype, name });
  }
}

/** Saves the keys and the values of a table, and puts them in the place of all that is in it. */
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
