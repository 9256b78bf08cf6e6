import { isCheckpointError, NotFoundError, type WarningListener } from "@tfsaver/core";
import {
  attr,
  type Graph,
  GraphKeys,
  type Operation,
  type Output,
  opNameOf,
  prependNameScope,
  Variable,
} from "@tfsaver/graph";
import { VariableDef } from "@tfsaver/proto/graph";
import type { CollectionDef, WhileContextDef } from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { prependSaverDef } from "../saver-defs.js";
import { AnyMessage } from "./any-message.js";
import { SAVERS, VARIABLE_COLLECTIONS } from "./collection-keys.js";
import { messagesOf } from "./collection-messages.js";
import { SERIALIZED_COLLECTIONS } from "./serialized-collections.js";

/** Variable collections that the oldest files store as lists of node names. */
const ONCE_NODES: ReadonlySet<string> = new Set([
  GraphKeys.LOCAL_VARIABLES,
  GraphKeys.MODEL_VARIABLES,
  GraphKeys.METRIC_VARIABLES,
]);

/** Options of {@link CollectionReader}. */
export interface CollectionReaderOptions {
  /** Name scope that the nodes were imported into; `""` for none. */
  readonly importScope: string;
  /** Take `trainable` from the collections: the file is older than that field of variables. */
  readonly trainableByCollection: boolean;
  readonly onWarning: WarningListener;
}

const oneCharacterPerByte = new TextDecoder("latin1");

/** Reads the collections of a meta graph. Equal variable descriptions give the same variable. */
export class CollectionReader {
  readonly #variables = new Map<string, Variable>();

  constructor(
    private readonly graph: Graph,
    private readonly options: CollectionReaderOptions,
  ) {}

  /**
   * Returns the values of a collection, or `undefined` if its message doesn't say of which kind they are.
   *
   * @throws `NotFoundError` if the collection names an operation or output that the graph doesn't have.
   */
  read(key: string, def: CollectionDef): unknown[] | undefined {
    try {
      return this.#read(key, def);
    } catch (cause) {
      if (!isCheckpointError(cause, "NotFoundError")) throw cause;
      throw new NotFoundError(
        `Collection '${key}' names '${cause.op}', which is not in the graph. To leave the collection out, import with ` +
          `\`restoreCollectionsPredicate: (key) => key !== ${JSON.stringify(key)}\``,
        { op: cause.op, cause },
      );
    }
  }

  #read(key: string, def: CollectionDef): unknown[] | undefined {
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
    const messages = messagesOf(this.graph, key);
    if (messages !== undefined) return values.map((bytes) => messages.fromBytes(bytes, this.graph, importScope));
    if (importScope === "") return [...values];
    const serialized = SERIALIZED_COLLECTIONS.get(key);
    if (serialized !== undefined) {
      const renamed = values.map((bytes) => serialized.rename(bytes, (name) => this.#prepend(name), true));
      for (const bytes of renamed) for (const loop of serialized.loopsIn(bytes)) nameFrame(this.graph, loop);
      return renamed;
    }
    return values.map((bytes) => this.#text(key, bytes));
  }

  /** Prepends the scope to text, which counts as a name here, as in TensorFlow. Other bytes stay as they are. */
  #text(key: string, bytes: Uint8Array): string | Uint8Array {
    try {
      return this.#prepend(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch {
      this.options.onWarning(
        `Collection '${key}' contains bytes that are not UTF-8 text; they are imported without the name scope`,
      );
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
        // TensorFlow names a table in a name scope without that scope, and then can't import its own file.
        this.options.onWarning(`The saveable '${name}' is skipped: the graph has no such operation`);
        return undefined;
      }
      throw cause;
    }
  }
}

/**
 * Renames the frame of a loop after the loop, so that it differs from that of another import. As in TensorFlow, this
 * covers only loops that a collection describes, and so not those of gradients.
 */
function nameFrame(graph: Graph, { contextName, valuesDef }: WhileContextDef): void {
  for (const name of valuesDef?.values ?? []) {
    const op = graph.findOperation(opNameOf(name));
    if (op?.type === "Enter" || op?.type === "RefEnter") op.attrs.set("frame_name", attr.string(contextName));
  }
}
