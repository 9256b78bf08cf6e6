import { mkdirSync, readdirSync, rmSync } from "node:fs";

/** Names of the files that an earlier run may have left. Other files are kept. */
const OURS = /^(checkpoint|model\.ckpt-\d+\.(index|meta|data-\d+-of-\d+))$/;

/** Creates the folder, and removes the files of an earlier run. */
export function emptyOutputFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (OURS.test(name)) rmSync(`${folder}/${name}`);
}
