import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.js";
import { run } from "./run.js";

/** Loads each entry of a package by `require`, as CommonJS does. Returns the number of entries. */
export async function requireEntries({ folder, package: { manifest } }: Project): Promise<number> {
  if ("bin" in manifest) return 0; // A command is no library.
  const entries = Object.keys(manifest.exports).map((subpath) => manifest.name + subpath.slice(1));
  const lines = entries.map(
    (entry) => `if (Object.keys(require("${entry}")).length === 0) throw new Error("${entry} is empty");\n`,
  );
  writeFileSync(join(folder, "require.cjs"), lines.join(""));
  await run(process.execPath, ["require.cjs"], { cwd: folder });
  return entries.length;
}
