import { requireString, ValueError } from "@tfsaver/core";
import { resolveGraph } from "@tfsaver/graph";
import { saveablesOf, type VarList } from "@tfsaver/saver-builders";
import { defaultStorage } from "@tfsaver/storage/default";
import { allSaveables, underKeys } from "../access/graph-access.js";
import type { SaverOptions } from "../options/saver-options.js";
import { Saver } from "../saver.js";
import { keysByName, keysOf } from "./object-based.js";

/**
 * Makes a saver that reads and writes variables under their keys in an object-based checkpoint
 * (`saver_from_object_based_checkpoint`). The keys are found by the names that the variables had when it was written.
 *
 * @throws `ValueError` if the checkpoint is name-based; `NotFoundError` if it lacks a variable; as the constructor of
 * {@link Saver}.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { saverFromObjectBasedCheckpoint } from "@tfsaver/saver";
 *
 * const graph = new Graph();
 * Variable.create([0, 0], { graph, name: "dense/bias" });
 * const saver = await saverFromObjectBasedCheckpoint("run/ckpt-1", { graph });
 * ```
 */
export async function saverFromObjectBasedCheckpoint(
  checkpointPath: string,
  options: Omit<SaverOptions, "eager" | "saverDef" | "deferBuild"> = {},
): Promise<Saver> {
  requireString(checkpointPath, "checkpointPath");
  // Captures the graph and its scopes now; they are gone after the await.
  const graph = resolveGraph(options.graph);
  const { scopes } = graph;
  const keys = await keysByName(checkpointPath, options.storage ?? defaultStorage());
  if (keys === undefined) {
    throw new ValueError(`Checkpoint in ${checkpointPath} not an object-based checkpoint.`, { path: checkpointPath });
  }
  const varList = (options.varList as VarList | undefined) ?? allSaveables(graph);
  const saveables = saveablesOf(varList);
  const named = underKeys(saveables, keysOf(saveables, keys, checkpointPath));
  return graph.withScopes(scopes, () => new Saver({ ...options, graph, varList: named }));
}
