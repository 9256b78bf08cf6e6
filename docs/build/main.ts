/** `npm run docs`: builds the site into `docs/.vitepress/dist`, and fails if a link or an anchor leads nowhere. */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vitepress";
import { root } from "../../tests/workspace.js";
import { writeApiPages } from "./api.js";
import { brokenLinks } from "./check-links.js";

const docs = join(root, "docs");

// The checkpoint that the home page shows, and that the tutorials download.
rmSync(join(docs, "public/example"), { recursive: true, force: true });
cpSync(join(root, "fixtures/goldens/v2-with-meta"), join(docs, "public/example"), {
  recursive: true,
  filter: (path) => !path.endsWith("expected.json"),
});

await writeApiPages();
await build(docs);
const broken = brokenLinks(join(docs, ".vitepress/dist"));
for (const problem of broken) console.error(problem);
if (broken.length > 0) process.exitCode = 1;
