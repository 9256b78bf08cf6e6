import { ValueError } from "@tfsaver/core";
import { type Graph, Operation, Output } from "./model/graph.js";
import type { Fetch } from "./session.js";
import { PartitionedVariable } from "./variables/partitioned-variable.js";
import { Variable } from "./variables/variable.js";

/**
 * Resolves a fetch to the operation to run or the output to return. Implementations of {@link Session} use it.
 *
 * @example
 * ```ts
 * import { constant, Graph, resolveFetch } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * const x = constant(1, { graph, name: "x" });
 * console.log(resolveFetch(graph, "x:0") === x, resolveFetch(graph, "x") === x.op); // true true
 * ```
 *
 * @throws `ValueError` if the graph has no such name, or the fetch belongs to another graph; `TypeError` if the fetch is
 * of a wrong type.
 */
export function resolveFetch(graph: Graph, fetch: Fetch): Output | Operation {
  if (typeof fetch === "string") {
    try {
      return fetch.includes(":") ? graph.output(fetch) : graph.operation(fetch);
    } catch (cause) {
      throw notFetchable(fetch, (cause as Error).message, cause);
    }
  }
  const target = fetch instanceof Variable ? fetch.graphElement : fetch;
  if (!(target instanceof Output || target instanceof Operation)) {
    throw wrongType(target);
  }
  if (target.graph !== graph) {
    throw notFetchable(target.name, `${target.name} is not an element of this graph.`);
  }
  return target;
}

function notFetchable(name: string, reason: string, cause?: unknown): ValueError {
  return new ValueError(`Argument \`fetch\` = ${name} cannot be interpreted as a Tensor. (${reason})`, { cause });
}

function wrongType(target: unknown): TypeError {
  if (target instanceof PartitionedVariable) {
    const advice = "fetch its parts, or what its asTensor() returns";
    return new TypeError(`Argument \`fetch\` = ${target.name} has invalid type "PartitionedVariable": ${advice}`);
  }
  return new TypeError(`Argument \`fetch\` = ${String(target)} has invalid type "${typeof target}"`);
}
