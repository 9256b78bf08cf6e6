import { NotFoundError, UnimplementedError } from "@tfsaver/core";
import { FunctionDef, FunctionDefLibrary, type OpDef } from "@tfsaver/proto/graph";
import { type Rewriting, rewriteNodes } from "./rewrite-nodes.js";
import { type FrozenValue, follow, functionScope } from "./scope.js";

/** Limits for graphs that come from anywhere. Real ones have a copy or two of each function that takes variables. */
const MAX_COPIES = 10_000;
const MAX_DEPTH = 500;
/** Bytes of all copies: this many, and so many times the bytes of the functions. */
const MAX_COPIED_BYTES = 16 << 20;
const MAX_COPIED_TIMES = 4;

/** The functions of a graph. Those that took variables are copied, and their copies take values. */
export class FunctionLibrary {
  readonly #library: FunctionDefLibrary | undefined;
  readonly #functions = new Map<string, FunctionDef>();
  /** Names of copies, by the name of the original and the arguments that are values. */
  readonly #copies = new Map<string, string>();
  /** Number of functions that are being copied now, each because the one before calls it. */
  #depth = 0;
  /** Bytes that copies may still take. */
  #bytesLeft = MAX_COPIED_BYTES;

  /** For {@link rewriteNodes}, which calls back for functions. */
  readonly rewriting: Rewriting;

  /**
   * @param bytes - a serialized `FunctionDefLibrary`
   * @param opDefs - operation definitions of the file, by type
   */
  constructor(bytes: Uint8Array | undefined, opDefs: ReadonlyMap<string, OpDef>) {
    this.rewriting = { opDefs, freezeFunction: (name, values) => this.#freeze(name, values) };
    if (bytes === undefined) return;
    this.#bytesLeft += MAX_COPIED_TIMES * bytes.length;
    this.#library = FunctionDefLibrary.decode(bytes);
    for (const message of this.#library.function) {
      const found = FunctionDef.decode(message);
      this.#functions.set(found.signature?.name ?? "", found);
    }
  }

  #freeze(name: string, values: ReadonlyMap<number, FrozenValue>): string {
    const original = this.#functions.get(name);
    if (original === undefined)
      throw new NotFoundError(`The graph calls the function ${name}, which it does not define`);
    const key = `${name} ${[...values].map(([i, { type }]) => `${i}=${type}`).sort()}`;
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const bytes = FunctionDef.encode(original);
    this.#bytesLeft -= bytes.length;
    if (this.#copies.size >= MAX_COPIES || this.#depth >= MAX_DEPTH || this.#bytesLeft < 0) {
      throw new UnimplementedError(
        `The functions of the graph take variables in too many ways, or call each other too deeply, as ${name} is called`,
      );
    }
    const copy = FunctionDef.decode(bytes);
    let copyName = `${name}_frozen`;
    while (this.#functions.has(copyName)) copyName += "_";
    if (copy.signature) copy.signature.name = copyName;
    this.#functions.set(copyName, copy);
    this.#copies.set(key, copyName);
    this.#depth++;
    freezeFunction(copy, values, this.rewriting);
    this.#depth--;
    return copyName;
  }

  /** Returns the functions as they are stored, or `undefined` if there are none. */
  encode(): Uint8Array | undefined {
    if (this.#library === undefined) return undefined;
    const messages = [...this.#functions.values()].map((definition) => FunctionDef.encode(definition));
    return FunctionDefLibrary.encode({ ...this.#library, function: messages });
  }
}

function freezeFunction(definition: FunctionDef, values: ReadonlyMap<number, FrozenValue>, rewriting: Rewriting): void {
  const { signature, nodeDef, ret } = definition;
  const sources = new Map<string, FrozenValue>();
  for (const [i, value] of values) {
    const arg = signature?.inputArg[i];
    if (arg === undefined) continue;
    sources.set(`${arg.name}:0`, value);
    arg.type = value.type;
    arg.handleData = [];
    definition.argAttr.get(i)?.attr.delete("_output_shapes");
    definition.resourceArgUniqueId.delete(i);
  }
  definition.attr.delete("_input_shapes");
  const scope = functionScope(definition);
  const all = follow(scope, sources);
  const reads = new Set(nodeDef.filter(({ op }) => op === "ReadVariableOp").map(({ name }) => name));
  for (const node of rewriteNodes(scope, all, rewriting)) nodeDef.push(node);
  const identities = new Set(
    nodeDef.filter(({ op, name }) => op === "Identity" && reads.has(name)).map(({ name }) => name),
  );
  // An Identity calls its output by another name than what it replaces.
  const renamed = (input: string) => {
    const [node = "", output, index] = input.split(":");
    return output === "value" && identities.has(node) ? `${node}:output:${index}` : input;
  };
  for (const node of nodeDef) {
    node.input = node.input.map(renamed);
    if (node.op === "GatherV2")
      node.input = node.input.map((input) => input.replace(/\/frozen_axis$/, "/frozen_axis:output:0"));
  }
  for (const output of signature?.outputArg ?? []) {
    const source = ret.get(output.name);
    if (source === undefined) continue;
    const value = all.get(scope.sourceOf(source) ?? "");
    if (value !== undefined) {
      output.type = value.type;
      output.handleData = [];
    }
    ret.set(output.name, renamed(source));
  }
}
