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
 * A saver's description without a name scope in its names (`Saver.to_proto`): a copy, or `undefined` if one of the names
 * does not begin with the scope.
 */
export function stripSaverDef(def: SaverDef, exportScope: string): SaverDef | undefined {
  const names = [def.filenameTensorName, def.saveTensorName, def.restoreOpName];
  if (!names.every((name) => name.startsWith(exportScope))) return undefined;
  return renamed(def, (name) => stripNameScope(name, exportScope));
}

/** A copy of a saver's description with a name scope before its names. */
export function prependSaverDef(def: SaverDef, importScope: string): SaverDef {
  return renamed(def, (name) => prependNameScope(name, importScope));
}
