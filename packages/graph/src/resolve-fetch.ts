import { ValueError } from "@tfsaver/core";
import type { Graph } from "./model/graph.js";
import { Operation, Output } from "./model/operation.js";
import type { Fetch } from "./session.js";
import { Variable } from "./variables/variable.js";

/**
 * What a fetch stands for: the operation to run, or the output to give. For those who make a {@link Session}.
 *
 * @throws `ValueError` if it is a name that the graph does not have, or of another graph; `TypeError` if it is nothing
 * that can be fetched.
 */
export function resolveFetch(graph: Graph, fetch: Fetch): Output | Operation {
  if (typeof fetch === "string") {
    try {
      return fetch.includes(":") ? graph.output(fetch) : graph.operation(fetch);
    } catch (cause) {
      throw notFetchable(fetch, (cause as Error).message, cause);
    }
  }
  const target = fetch instanceof Variable ? outputOfVariable(fetch) : fetch;
  if (!(target instanceof Output || target instanceof Operation)) {
    throw new TypeError(`Argument \`fetch\` = ${String(target)} has invalid type "${typeof target}"`);
  }
  if (target.graph !== graph) {
    throw notFetchable(target.name, `${target.name} is not an element of this graph.`);
  }
  return target;
}

/** The output that a variable stands for in fetches and feeds. */
export function outputOfVariable(variable: Variable): Output {
  return variable.isResource ? variable.snapshot : variable.handle;
}

function notFetchable(name: string, reason: string, cause?: unknown): ValueError {
  return new ValueError(`Argument \`fetch\` = ${name} cannot be interpreted as a Tensor. (${reason})`, { cause });
}
