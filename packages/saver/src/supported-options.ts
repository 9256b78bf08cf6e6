import { UnimplementedError } from "@tfsaver/core";
import type { ImportOptions, SaveOptions, SaverExportOptions, SaverOptions } from "./options.js";

/**
 * Options of the reference that are not here yet must not be passed over in silence.
 *
 * @throws `UnimplementedError` that names the first option which `supported` does not list.
 */
export function requireSupported<T extends object>(
  where: string,
  options: T,
  supported: Readonly<Record<keyof T, true>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !Object.hasOwn(supported, name)) {
      throw new UnimplementedError(`${where}: the option '${name}' is not supported`);
    }
  }
}

export const SAVER_OPTIONS: Readonly<Record<keyof SaverOptions, true>> = {
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
  storage: true,
  retention: true,
  onRetention: true,
  clock: true,
  onWarning: true,
};

export const SAVE_OPTIONS: Readonly<Record<keyof SaveOptions, true>> = {
  globalStep: true,
  latestFilename: true,
  metaGraphSuffix: true,
  writeMetaGraph: true,
  writeState: true,
  signal: true,
  onProgress: true,
};

export const EXPORT_OPTIONS: Readonly<Record<keyof SaverExportOptions, true>> = {
  filename: true,
  collectionList: true,
};

export const IMPORT_OPTIONS: Readonly<Record<keyof ImportOptions, true>> = {
  graph: true,
  storage: true,
  onWarning: true,
};
