import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes the files whose names begin with a prefix. */
export function removeAll(folder: string, name: string): void {
  for (const file of filesOf(folder, name)) rmSync(join(folder, file));
}

/** Throws if the files of two checkpoints differ in any byte. */
export function requireSameFiles(folder: string, one: string, other: string): void {
  const digests = [one, other].map((name) => filesOf(folder, name).map((file) => digestOf(join(folder, file))));
  if (digests[0]?.length === 0 || String(digests[0]) !== String(digests[1])) {
    throw new Error(`The files of ${one} and ${other} in ${folder} differ`);
  }
}

function filesOf(folder: string, name: string): string[] {
  return readdirSync(folder)
    .filter((file) => file === name || file.startsWith(`${name}.`))
    .sort();
}

function digestOf(path: string): string {
  const hash = createHash("sha256");
  const piece = new Uint8Array(8 << 20);
  const file = openSync(path, "r");
  for (let count = readSync(file, piece); count > 0; count = readSync(file, piece)) {
    hash.update(piece.subarray(0, count));
  }
  closeSync(file);
  return hash.digest("hex");
}
