import { mkdirSync, readdirSync, rmSync } from "node:fs";

/** What an earlier run may have left; anything else in the folder is not ours. */
const OURS = /^(checkpoint|model\.ckpt-\d+\.(index|meta|data-\d+-of-\d+))$/;

/** Makes the folder, and removes what an earlier run wrote there. */
export function emptyOutputFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (OURS.test(name)) rmSync(`${folder}/${name}`);
}
