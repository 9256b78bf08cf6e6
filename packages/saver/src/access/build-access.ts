import { RuntimeError, ValueError } from "@tfsaver/core";
import type { Graph, Session } from "@tfsaver/graph";
import { prependSaverDef } from "@tfsaver/meta-graph";
import { BulkSaverBuilder, type VarList } from "@tfsaver/saver-builders";
import { requireComplete } from "../meta-graph/require-complete.js";
import type { SaverOptions } from "../options/saver-options.js";
import { EagerAccess } from "./eager-access.js";
import { hostSaveables } from "./eager-var-list.js";
import { allSaveables, GraphAccess } from "./graph-access.js";

/**
 * Adds the save and restore operations to a graph, or takes those that `options.saverDef` names.
 *
 * @returns undefined if there is nothing to save and `allowEmpty` is set
 * @throws `ValueError` if there is nothing to save otherwise, if names are not unique, or if the `saverDef` lacks a name;
 * `TypeError` if the `varList` holds a value that can't be saved.
 */
export function buildGraphAccess(options: SaverOptions, graph: Graph): GraphAccess | undefined {
  const { name, builder, reshape, writeVersion, allowEmpty, ownership } = options;
  if (ownership !== undefined) {
    throw new ValueError("`ownership` is for an eager saver: the values of a session are never written to");
  }
  let { saverDef, varList } = options;
  if (saverDef !== undefined) {
    // In place: the given message is the live object.
    if (name) Object.assign(saverDef, prependSaverDef(saverDef, name));
  } else {
    varList ??= allSaveables(graph);
    if (!isFilled(varList)) {
      if (!allowEmpty) throw new ValueError("No variables to save");
      return undefined;
    }
    saverDef = (builder ?? new BulkSaverBuilder(writeVersion)).build(varList as VarList, { ...options, graph });
  }
  requireComplete(saverDef);
  return new GraphAccess(saverDef, { graph, varList: varList as VarList | undefined, builder, reshape });
}

/**
 * Prepares an eager saver, whose own graph is built with the first save or restore.
 *
 * @throws `RuntimeError` without a `varList` or with `sharded`; `TypeError` or `ValueError` for other options that have no
 * meaning in eager mode.
 */
export function buildEagerAccess(options: SaverOptions, open: (graph: Graph) => Session): EagerAccess {
  const { varList, sharded, keepCheckpointEveryNHours, writeVersion, saverDef, ownership = "copied" } = options;
  if (typeof open !== "function") throw new TypeError("eager must be a function that opens a session over a graph");
  if (saverDef !== undefined) throw new ValueError("`saverDef` names operations of a graph: an eager saver has none");
  const hosts = hostSaveables(varList);
  if (sharded) throw new RuntimeError("`sharded` spreads variables over devices: an eager saver has none");
  if (keepCheckpointEveryNHours === null) throw new TypeError("keepCheckpointEveryNHours must be a number of hours");
  if (ownership !== "copied" && ownership !== "given")
    throw new ValueError(`ownership must be "copied" or "given", not ${String(ownership)}`);
  const { builder = new BulkSaverBuilder(writeVersion) } = options;
  return new EagerAccess(hosts, { ...options, builder, open, ownership });
}

/** True if there is something to save, or something wrong that the builder will report. */
export function isFilled(varList: SaverOptions["varList"]): boolean {
  if (varList === undefined) return false;
  if (Array.isArray(varList)) return varList.length > 0;
  if (varList instanceof Map || varList instanceof Set) return varList.size > 0;
  const isDictionary = typeof varList === "object" && Object.getPrototypeOf(varList) === Object.prototype;
  return !isDictionary || Object.keys(varList).length > 0;
}
