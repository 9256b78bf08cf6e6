import type { OptionNames } from "@tfsaver/core";
import type {
  ExportOptions,
  ImportOptions,
  RestoreOptions,
  SaveAsyncOptions,
  SaveOptions,
  SaverExportOptions,
  SaverOptions,
} from "./saver-options.js";

/** Returns the options without those that are `null`: like Python's `None`, it stands for an option that is not given. */
export function withoutNulls<T extends object>(options: T, ...butFor: readonly (keyof T)[]): T {
  const given = Object.entries(options).filter(([name, value]) => value !== null || butFor.includes(name as keyof T));
  return Object.fromEntries(given) as T;
}

export const SAVER_OPTIONS: OptionNames<SaverOptions> = {
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

export const SAVE_OPTIONS: OptionNames<SaveOptions> = {
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

export const SAVE_ASYNC_OPTIONS: OptionNames<SaveAsyncOptions> = { ...SAVE_OPTIONS, maxPending: true, whenBusy: true };

export const RESTORE_OPTIONS: OptionNames<RestoreOptions> = {
  match: true,
  fallBack: true,
  signal: true,
  onProgress: true,
};

export const SAVER_EXPORT_OPTIONS: OptionNames<SaverExportOptions> = {
  filename: true,
  collectionList: true,
  asText: true,
  exportScope: true,
  clearDevices: true,
  clearExtraneousSavers: true,
  stripDefaultAttrs: true,
  saveDebugInfo: true,
};

export const EXPORT_OPTIONS: OptionNames<ExportOptions> = {
  ...SAVER_EXPORT_OPTIONS,
  graph: true,
  graphDef: true,
  metaInfoDef: true,
  saverDef: true,
  storage: true,
  onWarning: true,
};

export const IMPORT_OPTIONS: OptionNames<ImportOptions> = {
  clearDevices: true,
  importScope: true,
  inputMap: true,
  unboundInputsColName: true,
  restoreCollectionsPredicate: true,
  graph: true,
  storage: true,
  onWarning: true,
};
