import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vitepress";
import { root } from "../../tests/workspace.js";
import { writeApiPages } from "./api.js";
import { docs } from "./site.js";

/** Builds the site. */
export async function buildSite(): Promise<void> {
  // The checkpoint that the home page shows, and that the tutorials download.
  rmSync(join(docs, "public/example"), { recursive: true, force: true });
  cpSync(join(root, "fixtures/goldens/v2-with-meta"), join(docs, "public/example"), {
    recursive: true,
    filter: (path) => !path.endsWith("expected.json"),
  });
  await writeApiPages();
  await build(docs);
}
