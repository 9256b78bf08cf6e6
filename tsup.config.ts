import { readFileSync, writeFileSync } from "node:fs";
import { entryPoints } from "./tools/entry-points.js";
import { lineMap } from "./tools/line-maps.js";

const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
const sources = entryPoints(exports).map(({ source }) => source);

/** Reduces the source maps to lines. */
const lineMaps = {
  name: "line-maps",
  buildEnd({ writtenFiles }: { readonly writtenFiles: readonly { readonly name: string }[] }) {
    for (const { name: file } of writtenFiles.filter(({ name }) => name.endsWith(".map"))) {
      writeFileSync(file, JSON.stringify(lineMap(JSON.parse(readFileSync(file, "utf8")))));
    }
  },
};

// `defineConfig` is not used: tsup's types depend on packages that it does not install.
export default {
  entry: Object.fromEntries(sources.map((source) => [source.replace(/^src\/|\.ts$/g, ""), source])),
  // What depends on conditions is imported by name, and must be chosen where it is used.
  external: [new RegExp(`^${name}/`)],
  format: "esm",
  target: "es2022",
  sourcemap: true,
  // Whitespace and comments are in `src`, which is published too, and which the source maps lead to.
  esbuildOptions(options: { sourcesContent?: boolean; minifyWhitespace?: boolean; lineLimit?: number }) {
    Object.assign(options, { sourcesContent: false, minifyWhitespace: true, lineLimit: 120 });
  },
  plugins: [lineMaps],
  // Keeps the declarations, which are copied to the same folder.
  clean: ["!**/*.d.ts"],
  removeNodeProtocol: false,
  silent: true,
};
