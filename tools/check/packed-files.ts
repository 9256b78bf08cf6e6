import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { packAll } from "./packed.js";
import { strayFiles } from "./stray-files.js";

/**
 * Fails if a package would be published with a stray file, without its built code, with a pinned dependency, or with a source map
 * that leads nowhere.
 */
const NEEDED = ["LICENSE", "README.md"];

const faults: string[] = [];
for (const { name, folder, files, manifest } of packAll()) {
  const known = new Set(files);
  faults.push(...strayFiles(files).map((path) => `${name}: ${path} must not be published.`));
  faults.push(...NEEDED.filter((path) => !known.has(path)).map((path) => `${name}: ${path} is missing.`));
  if (!files.some((path) => path.startsWith("dist/"))) {
    faults.push(`${name} would be published without built code: run npm run build first.`);
  }
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
  const pinned = ranges.filter(([, range]) => !/^(?:\^|<1$)/.test(range));
  faults.push(
    ...pinned.map(([needed, range]) => `${name} needs ${needed} ${range}: make it a range that starts with ^.`),
  );
  for (const map of files.filter((path) => path.endsWith(".js.map"))) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(folder, map), "utf8"));
    if (sourcesContent !== undefined) faults.push(`${name}: ${map} holds its sources, which are published in src.`);
    const missing = (sources as string[]).filter((source) => !known.has(relative(".", join(dirname(map), source))));
    faults.push(...missing.map((source) => `${name}: ${map} names ${source}, which is not published.`));
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log("every package has its built code, sources, README and license, and no stray file");
