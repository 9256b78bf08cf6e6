/** Names of a SavedModel's graph, which lies beside the folder of its checkpoint. */
const GRAPHS: ReadonlySet<string> = new Set(["saved_model.pb", "saved_model.pbtxt"]);

/** True for the name of a SavedModel's graph, `saved_model.pb`, without a folder in front. */
export function isSavedModelFilename(name: string): boolean {
  return GRAPHS.has(name);
}

/** Gives the prefix of a SavedModel's checkpoint: `model/variables/variables`. */
export function savedModelPrefix(folder: string): string {
  return `${folder}${folder === "" || folder.endsWith("/") ? "" : "/"}variables/variables`;
}
