/** Raises the versions of the packages that have changesets, and of those that contain them: `npm run release:version`. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import getReleasePlan from "@changesets/get-release-plan";
import { packages, root } from "../../tests/workspace.js";

const { releases } = await getReleasePlan(root);
const released = new Set(releases.filter(({ type }) => type !== "none").map(({ name }) => name));

// What a package is only built with is inside of its page, where no range of versions keeps it up to date.
for (const { room, manifest } of packages) {
  const inside = Object.keys(manifest.devDependencies).filter(
    (name) => released.has(name) && !(name in manifest.dependencies),
  );
  if (inside.length === 0 || released.has(manifest.name)) continue;
  const text = `---\n"${manifest.name}": patch\n---\n\nContains the new versions of ${inside.join(", ")}.\n`;
  writeFileSync(join(root, ".changeset", `contains-${room}.md`), text);
}
execFileSync("changeset", ["version"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
