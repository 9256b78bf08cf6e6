import { type PreparedState, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { isThere, type OwnFile } from "./own-files.js";

/** Makes a file appear, in one step. It replaces any file of its name. */
export async function showFile(storage: Storage, file: OwnFile): Promise<void> {
  if (file.prepared) await storage.unfinished?.finish(file.path, file.prepared);
  else await writeFileAtomically(storage, file.path, await readFile(storage, file.waitsAs));
}

/** Tells what became of a file. One under a temporary name waits until that is removed. */
export async function stateOfFile(storage: Storage, file: OwnFile): Promise<PreparedState> {
  if (file.prepared) return (await storage.unfinished?.stateOf(file.path, file.prepared)) ?? "gone";
  return (await isThere(storage, file.waitsAs)) ? "waiting" : "gone";
}
