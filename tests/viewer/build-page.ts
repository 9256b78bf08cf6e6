import { join } from "node:path";
import { build } from "vite";
import { root } from "../workspace.js";

/** Builds the page once for all tests. */
export default async function buildPage(): Promise<void> {
  const viewer = join(root, "packages/viewer");
  await build({ root: viewer, configFile: join(viewer, "vite.config.ts"), logLevel: "error" });
}
