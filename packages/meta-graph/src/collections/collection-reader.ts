import { NotFoundError, type WarningListener } from "@tfsaver/core";
import { type Graph, GraphKeys, type Operation, type Output, prependNameScope, Variable } from "@tfsaver/graph";
import { VariableDef } from "@tfsaver/proto/graph";
import type { CollectionDef } from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { prependSaverDef } from "../saver-defs.js";
import { AnyMessage } from "./any-message.js";
import { SAVERS, VARIABLE_COLLECTIONS } from "./collection-keys.js";
import { nameFrame } from "./loop-frames.js";
import { SERIALIZED_COLLECTIONS } from "./serialized-collections.js";

/** Collections that the oldest files hold in another form. */
const ONCE_NODES: ReadonlySet<string> = new Set([
  GraphKeys.LOCAL_VARIABLES,
  GraphKeys.MODEL_VARIABLES,
  GraphKeys.METRIC_VARIABLES,
]);

/** How a {@link CollectionReader} understands what it reads. */
export interface CollectionReaderOptions {
  /** Name scope that the nodes were imported into; `""` for none. */
  readonly importScope: string;
  /** The file is older than the field that says whether a variable is trainable: the collections say it. */
  readonly trainableByCollection: boolean;
  readonly onWarning: WarningListener;
}

const oneCharacterPerByte = new TextDecoder("latin1");

/** Reads the collections of a meta graph. Equal variable descriptions give one and the same variable. */
export class CollectionReader {
  readonly #variables = new Map<string, Variable>();

  constructor(
    private readonly graph: Graph,
    private readonly options: CollectionReaderOptions,
  ) {}

  /**
   * The values of a collection; `undefined` if its message does not say of which kind they are.
   *
   * @throws `NotFoundError` if it names what the graph does not have.
   */
  read(key: string, def: CollectionDef): unknown[] | undefined {
    const { nodeList, bytesList, int64List, floatList, anyList } = def;
    if (bytesList !== undefined) return this.#fromBytes(key, bytesList.value);
    if (nodeList !== undefined) {
      if (ONCE_NODES.has(key)) {
        this.options.onWarning(
          `The saved meta_graph is possibly from an older release: '${key}' collection should be of type ` +
            "'bytes_list', but instead is of type 'node_list'.",
        );
      }
      return nodeList.value.flatMap((name) => this.#element(key, this.#prepend(name)) ?? []);
    }
    return int64List?.value ?? floatList?.value ?? anyList?.value.map((bytes) => new AnyMessage(bytes));
  }

  #prepend(name: string): string {
    return prependNameScope(name, this.options.importScope);
  }

  #fromBytes(key: string, values: readonly Uint8Array[]): unknown[] {
    const { importScope } = this.options;
    if (VARIABLE_COLLECTIONS.has(key)) return values.map((bytes) => this.#variable(key, bytes));
    if (key === SAVERS) return values.map((bytes) => prependSaverDef(SaverDef.decode(bytes), importScope));
    if (importScope === "") return [...values];
    const serialized = SERIALIZED_COLLECTIONS.get(key);
    if (serialized !== undefined) {
      const renamed = values.map((bytes) => serialized.rename(bytes, (name) => this.#prepend(name), true));
      for (const bytes of renamed) for (const loop of serialized.loopsIn(bytes)) nameFrame(this.graph, loop);
      return renamed;
    }
    return values.map((bytes) => this.#text(key, bytes));
  }

  /** Within a scope, text is taken for a name, as in TensorFlow. What can't be text stays as it is. */
  #text(key: string, bytes: Uint8Array): string | Uint8Array {
    try {
      return this.#prepend(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch {
      this.options.onWarning(`Collection '${key}' holds bytes that are no text: they get no name scope`);
      return bytes;
    }
  }

  #variable(key: string, bytes: Uint8Array): Variable {
    const id = oneCharacterPerByte.decode(bytes);
    const known = this.#variables.get(id);
    if (known !== undefined) return known;
    const def = VariableDef.decode(bytes);
    if (this.options.trainableByCollection) def.trainable = key === GraphKeys.TRAINABLE_VARIABLES;
    const variable = Variable.fromProto(this.graph, def, this.options.importScope);
    this.#variables.set(id, variable);
    return variable;
  }

  #element(key: string, name: string): Operation | Output | undefined {
    try {
      return name.includes(":") ? this.graph.output(name) : this.graph.operation(name);
    } catch (cause) {
      if (key === GraphKeys.SAVEABLE_OBJECTS) {
        // A table in a name scope is known without that scope, and TensorFlow can't import its own file.
        this.options.onWarning(`The saveable '${name}' is no operation of the graph: it is left out`);
        return undefined;
      }
      throw new NotFoundError(`Collection '${key}' names '${name}', which is not in the graph`, { op: name, cause });
    }
  }
}
