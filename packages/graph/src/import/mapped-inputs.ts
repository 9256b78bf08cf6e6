import { ValueError } from "@tfsaver/core";
import type { Graph } from "../model/graph.js";
import type { Operation, Output } from "../model/operation.js";

/** What stands in for an input; of a control input (`^name`), having run is what counts. */
export type InputMap = ReadonlyMap<string, Output> | Readonly<Record<string, Output>>;

/** An input as a node names it: output `index` of a node; without one, the node must only have run. */
export interface Input {
  readonly name: string;
  readonly index: number | undefined;
}

/** Reads `name`, `name:1` or `^name`. */
export function parseInput(input: string): Input {
  if (input.startsWith("^")) return { name: input.slice(1), index: undefined };
  if (!input.includes(":")) return { name: input, index: 0 };
  const [, name = input, index = "0"] = /^(.*):(\d+)$/s.exec(input) ?? [];
  return { name, index: Number(index) };
}

/** The inputs that are to be taken from elsewhere while a graph is imported. */
export class MappedInputs {
  readonly #sources = new Map<string, Output>();
  readonly #taken = new Set<string>();

  /** @throws `ValueError` if something in `map` is of another graph. */
  constructor(graph: Graph, map: InputMap) {
    for (const [input, source] of map instanceof Map ? map : Object.entries(map)) {
      if (source.graph !== graph)
        throw new ValueError(`Input '${input}' is mapped to '${source.name}' of another graph`);
      this.#sources.set(canonical(input), source);
    }
  }

  has(input: string): boolean {
    return this.#sources.size > 0 && this.#sources.has(canonical(input));
  }

  /** What is to be taken for an input that is mapped. */
  take(input: string): Output {
    const key = canonical(input);
    this.#taken.add(key);
    return this.#sources.get(key) as Output;
  }

  /** @throws `ValueError` if something was mapped that is neither an input nor an output of a node; likely misspelled. */
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

/** The one spelling of an input: `a` is `a:0`. */
function canonical(input: string): string {
  const { name, index } = parseInput(input);
  return index === undefined ? input : `${name}:${index}`;
}
