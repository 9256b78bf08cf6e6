/** Names of a SavedModel's graph, which lies beside the folder of its checkpoint. */
const GRAPHS: ReadonlySet<string> = new Set(["saved_model.pb", "saved_model.pbtxt"]);

/** True for the name of a SavedModel's graph, `saved_model.pb`, without a folder in front. */
export function isSavedModelFilename(name: string): boolean {
  return GRAPHS.has(name);
}

/** Where a SavedModel keeps its checkpoint, within its folder. */
const PREFIX = "variables/variables";

/** Gives the path of the graph of a SavedModel, `model/saved_model.pb`, by the prefix of its checkpoint; undefined for another prefix. */
export function savedModelFilename(prefix: string): string | undefined {
  const isOne = prefix === PREFIX || prefix.endsWith(`/${PREFIX}`);
  return isOne ? `${prefix.slice(0, -PREFIX.length)}saved_model.pb` : undefined;
}

/** Gives the prefix of a SavedModel's checkpoint: `model/variables/variables`. */
export function savedModelPrefix(folder: string): string {
  return `${folder}${folder === "" || folder.endsWith("/") ? "" : "/"}${PREFIX}`;
}
