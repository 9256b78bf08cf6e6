import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { strayFiles } from "./stray-files.js";

/** Fails if a package would be published with a stray file, or without its built code. */
interface Packed {
  readonly files: readonly { readonly path: string }[];
}

const folder = join(import.meta.dirname, "../../packages");
let faults = 0;
for (const name of readdirSync(folder).sort()) {
  const cwd = join(folder, name);
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(output) as [Packed];
  const paths = files.map(({ path }) => path);
  for (const path of strayFiles(paths)) {
    faults++;
    console.error(`packages/${name}: ${path} must not be published.`);
  }
  if (!paths.some((path) => path.startsWith("dist/"))) {
    faults++;
    console.error(`packages/${name} would publish no built code: run npm run build first`);
  }
}
if (faults > 0) process.exit(1);
console.log("every package has its built code, and no stray file");
