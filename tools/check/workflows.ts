/** Checks the workflows of GitHub with actionlint, because they cannot run anywhere else: `npm run check:workflows`. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tests/workspace.js";
import { buildWithGo } from "../go.js";

const folder = join(root, ".github/workflows");
const files = readdirSync(folder).map((name) => join(folder, name));
const actionlint = buildWithGo("github.com/rhysd/actionlint/cmd/actionlint@v1.7.12");
const { status } = spawnSync(actionlint, ["-no-color", ...files], { stdio: ["ignore", "inherit", "inherit"] });
if (status === 0) console.log(`${files.length} workflows: actionlint finds nothing`);
process.exitCode = status ?? 1;
