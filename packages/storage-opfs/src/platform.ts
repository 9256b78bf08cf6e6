import { UnimplementedError } from "@tfsaver/core";

/**
 * Checks that the browser has what the storage needs.
 *
 * @throws `UnimplementedError` that names what is missing.
 */
export function requirePlatform(): void {
  if (globalThis.isSecureContext === false) throw lacking("a secure page: https://, or http://localhost");
  if (globalThis.navigator?.storage?.getDirectory === undefined) throw lacking("a browser with private files");
  if (navigator.locks === undefined) throw lacking("a browser with Web Locks (`navigator.locks`)");
  // Without it, nothing could replace a file in one step.
  if (!("move" in FileSystemFileHandle.prototype)) {
    throw lacking("a browser that renames files (`FileSystemFileHandle.move`)");
  }
}

/** True in dedicated workers, which write to a file itself and can flush it. */
export function writesInPlace(): boolean {
  return "createSyncAccessHandle" in FileSystemFileHandle.prototype;
}

function lacking(what: string): UnimplementedError {
  return new UnimplementedError(`OpfsStorage needs ${what}. Use another storage here.`);
}
