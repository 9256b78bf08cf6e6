import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

const MEMORY_FOLDER = "/dev/shm";

/** Returns `/dev/shm` if it exists, so that the speed of the disk is not measured; otherwise the temporary folder. */
export function defaultFolder(): string {
  return existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir();
}
