import { readFileSync } from "node:fs";
import { entryPoints } from "./tools/entry-points.js";

const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
const sources = entryPoints(exports).map(({ source }) => source);

// `defineConfig` is not used: tsup's types depend on packages that it does not install.
export default {
  entry: Object.fromEntries(sources.map((source) => [source.replace(/^src\/|\.ts$/g, ""), source])),
  // What depends on conditions is imported by name, and must be chosen where it is used.
  external: [new RegExp(`^${name}/`)],
  format: "esm",
  target: "es2022",
  sourcemap: true,
  // Keeps the declarations, which `tsc -b` writes to the same folder.
  clean: ["!**/*.d.ts"],
  removeNodeProtocol: false,
  silent: true,
};
