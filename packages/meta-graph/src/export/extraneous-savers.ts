import { opNameOf, scopeOf, scopesOf } from "@tfsaver/graph";
import type { GraphDef } from "@tfsaver/proto/graph";
import type { SaverDef } from "@tfsaver/proto/saver";

/** Operations that mark a saver's name scope. As in TensorFlow, `SaveSlices` is missing: `RestoreV2` marks that saver. */
const SAVER_OPS: ReadonlySet<string> = new Set([
  "SaveV2",
  "Save",
  "SaveSlice",
  "LegacySave",
  "LegacySaveSlice",
  "RestoreV2",
  "Restore",
  "RestoreSlice",
  "LegacyRestore",
  "LegacyRestoreSlice",
]);

/** Names the nodes in the scopes of all savers but `kept` (TensorFlow's `_find_extraneous_saver_nodes`). */
export function extraneousSaverNodes(graphDef: GraphDef, kept: SaverDef | undefined): Set<string> {
  const names = graphDef.node.filter(({ op }) => SAVER_OPS.has(op)).map(({ name }) => name);
  const savers = new Set(names);
  const scopes = new Set(names.map(scopeOf).filter((scope) => scope !== "" && !savers.has(scope)));
  for (const name of kept === undefined ? [] : [kept.saveTensorName, kept.restoreOpName]) {
    scopes.delete(scopeOf(opNameOf(name)));
  }
  const isIn = (name: string) => scopesOf(name).some((scope) => scopes.has(scope));
  return new Set(graphDef.node.map(({ name }) => name).filter(isIn));
}
