import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { entryPoints } from "./entry-points.js";

/*
 * Copies the declarations of each package from `dist/.types`, where `tsc -b` writes those of all modules, to `dist`: only
 * those that an entry point leads to. Nothing can import the others, so they are not published.
 */

const packages = join(import.meta.dirname, "../packages");

function reach(types: string, path: string, reached: Set<string>): void {
  if (reached.has(path)) return;
  reached.add(path);
  for (const { fileName } of ts.preProcessFile(readFileSync(join(types, path), "utf8")).importedFiles) {
    if (fileName.startsWith(".")) reach(types, join(dirname(path), fileName.replace(/\.js$/, ".d.ts")), reached);
  }
}

for (const room of readdirSync(packages)) {
  const { exports } = JSON.parse(readFileSync(join(packages, room, "package.json"), "utf8"));
  const dist = join(packages, room, "dist");
  const types = join(dist, ".types");
  const reached = new Set<string>();
  for (const { source } of entryPoints(exports)) {
    reach(types, source.replace(/^src\//, "").replace(/\.ts$/, ".d.ts"), reached);
  }
  for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".d.ts") && !path.startsWith(".types")) rmSync(join(dist, path));
  }
  for (const path of reached) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    copyFileSync(join(types, path), join(dist, path));
  }
}
