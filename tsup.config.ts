import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const SOURCE = "@tfsaver/source";

/** What an `exports` map offers, at whatever depth of conditions, as it is named in `src`. */
function sources(exported: unknown): string[] {
  if (typeof exported !== "object" || exported === null) return [];
  return Object.entries(exported).flatMap(([key, value]) => (key === SOURCE ? [value as string] : sources(value)));
}

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

export default defineConfig({
  entry: Object.fromEntries(sources(manifest.exports).map((file) => [file.replace(/^\.\/src\/|\.ts$/g, ""), file])),
  format: "esm",
  target: "es2022",
  sourcemap: true,
  // `tsc -b` writes the declarations into the same folder.
  clean: ["!**/*.d.ts"],
  removeNodeProtocol: false,
  silent: true,
});
