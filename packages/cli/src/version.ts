import { readFileSync } from "node:fs";

/** Returns the version of the package. */
export function version(): string {
  // Files of `src` and of `dist` lie one level below the manifest.
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
