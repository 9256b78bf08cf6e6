import { readFileSync } from "node:fs";
import { entryPoints } from "./tools/entry-points.js";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const sources = entryPoints(exports).map(({ source }) => source);

// Not `defineConfig`: the types of tsup need packages that it does not install.
export default {
  entry: Object.fromEntries(sources.map((source) => [source.replace(/^src\/|\.ts$/g, ""), source])),
  format: "esm",
  target: "es2022",
  sourcemap: true,
  // `tsc -b` writes the declarations into the same folder.
  clean: ["!**/*.d.ts"],
  removeNodeProtocol: false,
  silent: true,
};
