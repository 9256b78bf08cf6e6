import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const scratch = mkdtempSync(join(tmpdir(), "tfsaver-rehearsal-"));

/** Makes an empty folder that lives as long as the rehearsal. */
export function scratchFolder(name: string): string {
  return mkdtempSync(join(scratch, `${name}-`));
}

/** Removes all folders of {@link scratchFolder}. */
export function removeScratch(): void {
  rmSync(scratch, { recursive: true, force: true });
}
