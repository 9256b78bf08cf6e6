import { prependNameScope, stripNameScope } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";

function renamed(def: SaverDef, rename: (name: string) => string): SaverDef {
  return {
    ...def,
    filenameTensorName: rename(def.filenameTensorName),
    saveTensorName: rename(def.saveTensorName),
    restoreOpName: rename(def.restoreOpName),
  };
}

/**
 * Removes a name scope from the names of a saver's description (`Saver.to_proto`).
 *
 * @returns a copy, or `undefined` if one of the names doesn't begin with the scope
 *
 * @example
 * ```ts
 * import { stripSaverDef } from "@tfsaver/meta-graph";
 * import { SaverDef } from "@tfsaver/proto/saver";
 *
 * const names = { filenameTensorName: "a/Const:0", saveTensorName: "a/save:0", restoreOpName: "a/restore_all" };
 * console.log(stripSaverDef(SaverDef.create(names), "a")?.restoreOpName); // restore_all
 * console.log(stripSaverDef(SaverDef.create(names), "b")); // undefined
 * ```
 */
export function stripSaverDef(def: SaverDef, exportScope: string): SaverDef | undefined {
  const names = [def.filenameTensorName, def.saveTensorName, def.restoreOpName];
  if (!names.every((name) => name.startsWith(exportScope))) return undefined;
  return renamed(def, (name) => stripNameScope(name, exportScope));
}

/**
 * Prepends a name scope to the names of a saver's description, in a copy.
 *
 * @example
 * ```ts
 * import { prependSaverDef } from "@tfsaver/meta-graph";
 * import { SaverDef } from "@tfsaver/proto/saver";
 *
 * const names = { filenameTensorName: "Const:0", saveTensorName: "save:0", restoreOpName: "restore_all" };
 * console.log(prependSaverDef(SaverDef.create(names), "a").restoreOpName); // a/restore_all
 * ```
 */
export function prependSaverDef(def: SaverDef, importScope: string): SaverDef {
  return renamed(def, (name) => prependNameScope(name, importScope));
}
