import { isCheckpointError } from "@tfsaver/core";
import { Graph } from "@tfsaver/graph";
import { importMetaGraph } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { defaultStorage } from "@tfsaver/storage/default";

/** `run` runs the restore operation without a saver, and so without its confinement. */
export type Action = "restore" | "save" | "run";

/** Imports `<prefix>.meta`, and restores or saves with its saver. Returns the kind of the error, or `done`. */
export async function outcomeOf(prefix: string, action: Action): Promise<string> {
  try {
    const graph = new Graph();
    const saver = await importMetaGraph(`${prefix}.meta`, { graph });
    const session = new LocalSession(graph, { storage: defaultStorage() });
    const def = saver?.asSaverDef();
    if (saver === undefined || def === undefined) throw new Error("The meta graph has no saver");
    if (action === "run") await session.run(def.restoreOpName, { [def.filenameTensorName]: prefix });
    else await saver.restore(session, prefix);
    if (action === "save") await saver.save(session, `${prefix}-new`, { writeMetaGraph: false, writeState: false });
    return "done";
  } catch (error) {
    return isCheckpointError(error) ? error.kind : String(error);
  }
}
