import { ValueError } from "@tfsaver/core";
import type { Graph, Operation, Output } from "../model/graph.js";

/** Replacements for inputs, by input name. For a control input (`^name`), the operation of the output counts. */
export type InputMap = ReadonlyMap<string, Output> | Readonly<Record<string, Output>>;

/** An input of a node: output `index` of the node `name`, or a control input if `index` is `undefined`. */
export interface Input {
  readonly name: string;
  readonly index: number | undefined;
}

/** Parses `name`, `name:1` or `^name`. */
export function parseInput(input: string): Input {
  if (input.startsWith("^")) return { name: input.slice(1), index: undefined };
  if (!input.includes(":")) return { name: input, index: 0 };
  const [, name = input, index = "0"] = /^(.*):(\d+)$/s.exec(input) ?? [];
  return { name, index: Number(index) };
}

/** The input map of one import, and which of its inputs were used. */
export class MappedInputs {
  readonly #sources = new Map<string, Output>();
  readonly #taken = new Set<string>();

  /** @throws `ValueError` if `map` has an output of another graph. */
  constructor(graph: Graph, map: InputMap) {
    for (const [input, source] of map instanceof Map ? map : Object.entries(map)) {
      if (source.graph !== graph) {
        throw new ValueError(`inputMap replaces '${input}' by '${source.name}', which belongs to another graph`);
      }
      this.#sources.set(canonical(input), source);
    }
  }

  has(input: string): boolean {
    return this.#sources.size > 0 && this.#sources.has(canonical(input));
  }

  /** Returns the replacement of an input, which must be mapped. */
  take(input: string): Output {
    const key = canonical(input);
    this.#taken.add(key);
    return this.#sources.get(key) as Output;
  }

  /** @throws `ValueError` if a mapped name is neither an input nor an output of a node: it is probably misspelled. */
  requireFound(find: (name: string) => Operation | undefined): void {
    const missing = [...this.#sources.keys()].filter((input) => {
      const { name, index = 0 } = parseInput(input);
      return !this.#taken.has(input) && find(name)?.outputs[index] === undefined;
    });
    if (missing.length > 0) {
      throw new ValueError(`Attempted to map inputs that were not found in graph_def: [${missing.join(", ")}]`);
    }
  }
}

/** Spells an input in one way: `a` becomes `a:0`. */
function canonical(input: string): string {
  const { name, index } = parseInput(input);
  return index === undefined ? input : `${name}:${index}`;
}
