/*
 * A program for a process of its own: imports a `.meta` file, and restores or saves with its saver. The last argument
 * says how: `restore`, `save`, or `run` to run the restore operation without a saver, and so without its confinement.
 */
import { isCheckpointError } from "@tfsaver/core";
import { Graph } from "@tfsaver/graph";
import { importMetaGraph } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { defaultStorage } from "@tfsaver/storage/default";

const [prefix = "", how] = process.argv.slice(2);

async function act(): Promise<void> {
  const graph = new Graph();
  const saver = await importMetaGraph(`${prefix}.meta`, { graph });
  const session = new LocalSession(graph, { storage: defaultStorage() });
  const def = saver?.asSaverDef();
  if (saver === undefined || def === undefined) throw new Error("The meta graph has no saver");
  if (how === "run") await session.run(def.restoreOpName, { [def.filenameTensorName]: prefix });
  else await saver.restore(session, prefix);
  if (how === "save") await saver.save(session, `${prefix}-new`, { writeMetaGraph: false, writeState: false });
}

const outcome = await act().then(
  () => "done",
  (error: unknown) => (isCheckpointError(error) ? error.kind : String(error)),
);
process.stdout.write(JSON.stringify(outcome));
