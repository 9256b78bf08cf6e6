import type {
  ExportOptions,
  ImportOptions,
  RestoreOptions,
  SaveAsyncOptions,
  SaveOptions,
  SaverExportOptions,
  SaverOptions,
} from "./saver-options.js";

/** All names of a type's properties. */
type Names<T> = Readonly<Record<keyof T, true>>;

/**
 * Rejects misspelled options, as Python does.
 *
 * @throws `TypeError` that names the first option which is not in `known`.
 */
export function requireKnown<T extends object>(where: string, options: T, known: Names<T>): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `${where} takes an object of options, not ${options === null ? "null" : `a ${typeof options}`}`,
    );
  }
  const stranger = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (stranger === undefined) return;
  throw new TypeError(`${where} has no option '${stranger}'. Its options are: ${Object.keys(known).join(", ")}`);
}

/** Returns the options without those that are `null`: like Python's `None`, it stands for an option that is not given. */
export function withoutNulls<T extends object>(options: T, ...butFor: readonly (keyof T)[]): T {
  const given = Object.entries(options).filter(([name, value]) => value !== null || butFor.includes(name as keyof T));
  return Object.fromEntries(given) as T;
}

export const SAVER_OPTIONS: Names<SaverOptions> = {
  varList: true,
  reshape: true,
  sharded: true,
  maxToKeep: true,
  keepCheckpointEveryNHours: true,
  name: true,
  restoreSequentially: true,
  saverDef: true,
  builder: true,
  deferBuild: true,
  allowEmpty: true,
  writeVersion: true,
  padStepNumber: true,
  saveRelativePaths: true,
  filename: true,
  graph: true,
  eager: true,
  ownership: true,
  storage: true,
  checkWritten: true,
  lockTimeoutMs: true,
  createDirectories: true,
  retention: true,
  onRetention: true,
  recover: true,
  clock: true,
  onMetrics: true,
  onWarning: true,
};

export const SAVE_OPTIONS: Names<SaveOptions> = {
  globalStep: true,
  latestFilename: true,
  metaGraphSuffix: true,
  writeMetaGraph: true,
  writeState: true,
  stripDefaultAttrs: true,
  saveDebugInfo: true,
  metrics: true,
  signal: true,
  onProgress: true,
};

export const SAVE_ASYNC_OPTIONS: Names<SaveAsyncOptions> = { ...SAVE_OPTIONS, maxPending: true, whenBusy: true };

export const RESTORE_OPTIONS: Names<RestoreOptions> = { match: true, fallBack: true, signal: true, onProgress: true };

export const SAVER_EXPORT_OPTIONS: Names<SaverExportOptions> = {
  filename: true,
  collectionList: true,
  asText: true,
  exportScope: true,
  clearDevices: true,
  clearExtraneousSavers: true,
  stripDefaultAttrs: true,
  saveDebugInfo: true,
};

export const EXPORT_OPTIONS: Names<ExportOptions> = {
  ...SAVER_EXPORT_OPTIONS,
  graph: true,
  graphDef: true,
  metaInfoDef: true,
  saverDef: true,
  storage: true,
  onWarning: true,
};

export const IMPORT_OPTIONS: Names<ImportOptions> = {
  clearDevices: true,
  importScope: true,
  inputMap: true,
  unboundInputsColName: true,
  restoreCollectionsPredicate: true,
  graph: true,
  storage: true,
  onWarning: true,
};
